package org.gemel.testkit.ops;

import static org.gemel.testkit.ops.OpCase.op;
import static org.gemel.testkit.ops.Operand.x;

import java.util.List;
import org.gemel.Special;
import org.gemel.op.Samples;

/// Special functions.
final class SpecialCases {
    private static final Samples ABOVE_TWO = new Samples(2, 6, 0);
    private static final Samples SHARES = new Samples(0.02, 0.98, 0);

    // Beyond the bounds between formulas.
    private static final Samples WIDE = new Samples(-40, 40, 0);

    private SpecialCases() {}

    static List<OpCase> rows() {
        return List.of(
                op("polygamma", x -> Special.polygamma(2, x), x(Samples.POSITIVE, "2 n")),
                op("polygamma trigamma", x -> Special.polygamma(1, x), x(Samples.POSITIVE, "n")),
                op("polygamma below zero", x -> Special.polygamma(1, x.floor().add(0.3)), x("2 n"))
                        .preparing()
                        .constant()
                        .within(256),
                op("multigammaln", x -> Special.multigammaln(x, 3), x(ABOVE_TWO, "2 n")),
                op("zeta", Special::zeta, x(ABOVE_TWO, "2 n"), x(Samples.POSITIVE, "n"))
                        .within(128),
                op("xlog1py", Special::xlog1py, x("2 n"), x(Samples.ABOVE_MINUS_ONE, "n")),
                op("entr", Special::entr, x(Samples.POSITIVE, "2 n")),
                op("erfcx", Special::erfcx, x("2 n")).within(64),
                op("erfcx far out", x -> Special.erfcx(x.abs().add(3)), x("n"))
                        .preparing()
                        .constant(),
                op("ndtr", Special::ndtr, x("2 n")),
                op("logNdtr", Special::logNdtr, x("2 n")).within(64),
                op("logNdtr far out", x -> Special.logNdtr(x), x(WIDE, "n")).constant().within(64),
                op("ndtri", Special::ndtri, x(SHARES, "2 n")).within(128),
                op("besselI", x -> Special.besselI(1, x), x("2 n")).within(64),
                op("besselI far out", x -> Special.besselI(0, x), x(WIDE, "n"))
                        .constant()
                        .within(256),
                op("scaledBesselI", x -> Special.scaledBesselI(0, x), x(Samples.NONZERO, "2 n"))
                        .within(64),
                op("scaledBesselI far out", x -> Special.scaledBesselI(1, x), x(WIDE, "n"))
                        .constant()
                        .within(64),
                op("besselJ", x -> Special.besselJ(0, x), x("2 n")).within(64),
                op("besselJ far out", x -> Special.besselJ(1, x), x(WIDE, "n"))
                        .constant()
                        .within(256));
    }
}
