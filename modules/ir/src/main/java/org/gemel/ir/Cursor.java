package org.gemel.ir;

import java.util.Optional;
import org.gemel.GemelException;

/// A place in a text that moves forward over its words.
final class Cursor {
    private final String text;
    private int index;

    Cursor(String text) {
        this.text = text;
    }

    /// The place of the next word.
    int mark() {
        skipBlanks();
        return index;
    }

    private void skipBlanks() {
        while (index < text.length() && Character.isWhitespace(text.charAt(index))) {
            index++;
        }
    }

    boolean startsWith(String mark) {
        skipBlanks();
        return text.startsWith(mark, index);
    }

    /// Steps over `mark` if it is next; a word only as a whole.
    boolean accept(String mark) {
        if (!startsWith(mark)) {
            return false;
        }
        int end = index + mark.length();
        if (isName(mark.charAt(0)) && end < text.length() && isName(text.charAt(end))) {
            return false;
        }
        index = end;
        return true;
    }

    void expect(String mark) {
        if (!accept(mark)) {
            throw error(mark(), "'" + mark + "'", found(), "add it");
        }
    }

    void expectEnd() {
        if (mark() < text.length()) {
            throw error(index, "the end", found(), "remove what follows the graph");
        }
    }

    private String found() {
        if (index >= text.length()) {
            return "the end";
        }
        int end = index + 1;
        if (isName(text.charAt(index))) {
            while (end < text.length() && isName(text.charAt(end))) {
                end++;
            }
        }
        return "'" + text.substring(index, end) + "'";
    }

    private static boolean isName(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$' || c == '%';
    }

    /// Steps over a name.
    String name() {
        int start = mark();
        while (index < text.length() && isName(text.charAt(index))) {
            index++;
        }
        if (start == index) {
            throw error(start, "a name", found(), "write letters, digits, '_', '.' or '$'");
        }
        return text.substring(start, index);
    }

    /// Steps over a number, or another word of letters, digits, points and signs.
    String word() {
        int start = mark();
        while (index < text.length()
                && (isName(text.charAt(index)) || "+-".indexOf(text.charAt(index)) >= 0)) {
            index++;
        }
        if (start == index) {
            throw error(start, "a number", found(), "write one");
        }
        return text.substring(start, index);
    }

    /// Steps over a text in quotes.
    String quoted() {
        int start = mark();
        StringBuilder content = new StringBuilder();
        index++;
        while (index < text.length() && text.charAt(index) != '"') {
            char c = text.charAt(index++);
            if (c == '\\' && index < text.length()) {
                char escaped = text.charAt(index++);
                content.append(escaped == 'n' ? '\n' : escaped);
            } else {
                content.append(c);
            }
        }
        if (index >= text.length()) {
            throw error(start, "a closing quote", "the end", "add '\"'");
        }
        index++;
        return content.toString();
    }

    /// Steps over a remark at the end of this line.
    Optional<String> comment() {
        int ahead = index;
        while (ahead < text.length() && text.charAt(ahead) == ' ') {
            ahead++;
        }
        if (ahead >= text.length() || text.charAt(ahead) != ';') {
            return Optional.empty();
        }
        int end = text.indexOf('\n', ahead);
        index = end < 0 ? text.length() : end;
        return Optional.of(text.substring(ahead + 1, index).strip());
    }

    /// The line and column of a place, as messages begin.
    String place(int place) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < place; i++) {
            boolean end = text.charAt(i) == '\n';
            line += end ? 1 : 0;
            column = end ? 1 : column + 1;
        }
        return "graph text, line %d, column %d: ".formatted(line, column);
    }

    GemelException error(int place, String rule, String fact, String remedy) {
        return new GemelException(
                place(place) + "expects " + rule + ", but got " + fact + "; " + remedy);
    }

    GemelException error(int place, String rule, String fact, String remedy, Throwable cause) {
        return new GemelException(
                place(place) + "expects " + rule + ", but got " + fact + "; " + remedy, cause);
    }
}
