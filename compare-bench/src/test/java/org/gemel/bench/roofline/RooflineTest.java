package org.gemel.bench.roofline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.gemel.Gemel;
import org.gemel.bench.report.Machine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class RooflineTest {
    private static final Ceilings CEILINGS =
            new Ceilings(
                    1,
                    200e9,
                    List.of(
                            new Ceilings.Level("L1", 1000, 400e9),
                            new Ceilings.Level("memory", Long.MAX_VALUE, 10e9)));
    private static final Family PRODUCT =
            new Family("a product", 2e9, 1e6, 1e6, () -> Gemel.scalar(1));
    private static final Family STREAM = new Family("a < b", 0, 1e9, 1e9, () -> Gemel.scalar(1));

    @TempDir private Path folder;

    @Test
    void theSlowerOfArithmeticAndMemoryIsTheBound() {
        assertEquals(new Ceilings.Bound(0.01, "arithmetic"), CEILINGS.bound(2e9, 1e6, 1e6));
        assertEquals(new Ceilings.Bound(0.1, "memory"), CEILINGS.bound(2e9, 1e9, 1e9));
        // Much traffic in little room stays in the cache.
        assertEquals(new Ceilings.Bound(0.0025, "L1"), CEILINGS.bound(0, 1e9, 1000));
    }

    @Test
    void theTextTellsTheShareInTheUnitOfTheBound() {
        String text = roofline().text();
        assertTrue(text.contains("1 thread: 200 GFLOP/s f32"), text);
        assertTrue(text.contains("50 %  arithmetic, 100 of 200 GFLOP/s"), text);
        assertTrue(text.contains("25 %  memory, 2.5 of 10.0 GB/s"), text);
    }

    @Test
    void theJsonHasEveryFigure() throws IOException {
        Path file = folder.resolve("roofline.json");
        roofline().writeJson(file);
        JsonNode root = new ObjectMapper().readTree(file.toFile());
        assertEquals(2e11, root.at("/ceilings/0/flopsPerSecond").asDouble());
        assertEquals("memory", root.at("/ceilings/0/levels/1/name").asText());
        assertEquals(0.5, root.at("/kernels/0/share").asDouble(), 1e-12);
        assertEquals("memory", root.at("/kernels/1/boundBy").asText());
    }

    @Test
    void thePictureIsXmlWithABarAsLongAsTheShare()
            throws ParserConfigurationException, IOException, SAXException {
        String svg = Picture.svg(roofline());
        Document document =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(svg)));
        NodeList bars = document.getElementsByTagName("rect");
        double half = width(bars, bars.getLength() - 2);
        double quarter = width(bars, bars.getLength() - 1);
        assertEquals(2, half / quarter, 1e-9);
        assertTrue(svg.contains("a &lt; b"), svg);
    }

    private static double width(NodeList bars, int index) {
        return Double.parseDouble(((Element) bars.item(index)).getAttribute("width"));
    }

    private static Roofline roofline() {
        return new Roofline(
                new Machine("Some CPU", 1, "A VM 25", List.of(), 1, "vector"),
                List.of(CEILINGS),
                List.of(
                        new Standing(PRODUCT, 1, 0.02, new Ceilings.Bound(0.01, "arithmetic")),
                        new Standing(STREAM, 1, 0.4, new Ceilings.Bound(0.1, "memory"))));
    }
}
