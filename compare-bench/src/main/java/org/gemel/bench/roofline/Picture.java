package org.gemel.bench.roofline;

import java.util.List;
import java.util.Locale;

/// The report as a picture: for each kernel a bar for each number of threads, as long as the share
/// of its bound that it reaches.
public final class Picture {
    private static final int LEFT = 220;
    private static final int WIDTH = 900;
    private static final int TOP = 104;
    private static final int BAR = 13;
    private static final int GAP = 12;
    private static final int SCALE = 440;
    private static final int TICK = 25;
    private static final List<String> COLOURS = List.of("#3b6ea5", "#e08e45", "#5b8c5a", "#8c5b8a");

    private final StringBuilder svg = new StringBuilder();

    private Picture() {}

    /// The picture as SVG.
    public static String svg(Roofline roofline) {
        return new Picture().draw(roofline);
    }

    private String draw(Roofline roofline) {
        List<Integer> threads = roofline.ceilings().stream().map(Ceilings::threads).toList();
        List<Standing> bars = roofline.standings();
        int groups = bars.size() / threads.size();
        int group = threads.size() * BAR + GAP;
        int bottom = TOP + groups * group;
        put(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                        + " font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">",
                WIDTH, bottom + 40);
        put("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
        String title = "How much of the machine's bound each kernel reaches, %s backend";
        put(
                "<text x=\"20\" y=\"26\" font-size=\"16\" font-weight=\"bold\">%s</text>",
                escaped(title.formatted(roofline.machine().backend())));
        put("<text x=\"20\" y=\"46\">%s</text>", escaped(roofline.machine().cpu()));
        legend(roofline.ceilings());
        for (int percent = 0; percent <= 100; percent += TICK) {
            int x = LEFT + SCALE * percent / 100;
            String colour = percent == 100 ? "#a33" : "#ddd";
            put(
                    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\"/>",
                    x, TOP - 4, x, bottom, colour);
            put(
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%d %%</text>",
                    x, bottom + 18, percent);
        }
        for (int i = 0; i < bars.size(); i++) {
            int index = i % threads.size();
            int y = TOP + i / threads.size() * group + index * BAR;
            bar(bars.get(i), index, y, threads.size());
        }
        put("</svg>");
        return svg.toString();
    }

    private void legend(List<Ceilings> ceilings) {
        int x = 20;
        for (int i = 0; i < ceilings.size(); i++) {
            Ceilings one = ceilings.get(i);
            Ceilings.Level memory = one.levels().getLast();
            put(
                    "<rect x=\"%d\" y=\"60\" width=\"12\" height=\"12\" fill=\"%s\"/>",
                    x, COLOURS.get(i % COLOURS.size()));
            put(
                    "<text x=\"%d\" y=\"71\">%s: peak %.0f GFLOP/s, memory %.0f GB/s</text>",
                    x + 18,
                    Roofline.threads(one.threads()),
                    one.flops() / 1e9,
                    memory.bandwidth() / 1e9);
            x += 330;
        }
    }

    private void bar(Standing one, int index, int y, int perKernel) {
        if (index == 0) {
            put(
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
                    LEFT - 8, y + perKernel * BAR / 2 + 4, escaped(one.kernel().name()));
        }
        // More than the bound happens where caches held more than they were given credit for.
        double shown = Math.min(one.share(), 1.1) * SCALE;
        put(
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
                LEFT, y, shown, BAR - 2, COLOURS.get(index % COLOURS.size()));
        put(
                "<text x=\"%.1f\" y=\"%d\" font-size=\"10\">%.0f %% of %s</text>",
                LEFT + shown + 5, y + BAR - 3, one.share() * 100, escaped(one.bound().by()));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private void put(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
