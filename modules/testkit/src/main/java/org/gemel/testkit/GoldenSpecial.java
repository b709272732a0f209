package org.gemel.testkit;

import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.Special;
import org.gemel.Tensor;
import org.gemel.testkit.GoldenOps.Table;

/// Golden special functions.
final class GoldenSpecial {
    private GoldenSpecial() {}

    static void fill(Table ops) {
        unary(ops, "entr", Special::entr);
        unary(ops, "erfcx", Special::erfcx);
        unary(ops, "ndtr", Special::ndtr);
        unary(ops, "log_ndtr", Special::logNdtr);
        unary(ops, "ndtri", Special::ndtri);
        unary(ops, "trigamma", x -> Special.polygamma(1, x));
        for (int order = 0; order < 2; order++) {
            int n = order;
            unary(ops, "i" + n, x -> Special.besselI(n, x));
            unary(ops, "i" + n + "e", x -> Special.scaledBesselI(n, x));
            unary(ops, "bessel_j" + n, x -> Special.besselJ(n, x));
        }
        unary(ops, "spherical_bessel_j0", x -> x.mul(1 / Math.PI).sinc());
        ops.put("xlog1py", c -> Special.xlog1py(c.in("a"), c.in("b")));
        ops.put("zeta", c -> Special.zeta(c.in("a"), c.in("b")));
        ops.put("polygamma", c -> Special.polygamma(c.integer("n"), c.in("x")));
        for (String name : List.of("mvlgamma", "multigammaln")) {
            ops.put(name, c -> Special.multigammaln(c.in("x"), c.integer("p")));
        }
    }

    private static void unary(Table ops, String name, UnaryOperator<Tensor> op) {
        ops.put(name, call -> op.apply(call.in("x")));
    }
}
