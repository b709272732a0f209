package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Grad;
import org.gemel.Special;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Special functions against values of 40 digits (mpmath 1.3), on both sides of the bounds between
/// their formulas.
class SpecialTest {
    /// A value of a function.
    record Row(String name, UnaryOperator<Tensor> f, double x, double value, int ulps) {
        @Override
        public String toString() {
            return name + " of " + x;
        }
    }

    private static Row row(String name, UnaryOperator<Tensor> f, double x, double value, int ulps) {
        return new Row(name, f, x, value, ulps);
    }

    private static double of(UnaryOperator<Tensor> f, double x) {
        return f.apply(Gemel.tensor(new double[] {x})).toDoubleArray()[0];
    }

    static Stream<Row> rows() {
        return Stream.of(
                row("polygamma 1", x -> Special.polygamma(1, x), -2.75, 19.433868949488464162, 16),
                row("polygamma 1", x -> Special.polygamma(1, x), 0.125, 65.388133444988034473, 16),
                row("polygamma 1", x -> Special.polygamma(1, x), 1.0, 1.6449340668482264365, 16),
                row("polygamma 1", x -> Special.polygamma(1, x), 7.5, 0.14261589669670379977, 16),
                row(
                        "polygamma 1",
                        x -> Special.polygamma(1, x),
                        100000.0,
                        0.000010000050000166666667,
                        16),
                row("polygamma 2", x -> Special.polygamma(2, x), -2.75, -124.11765305971517997, 16),
                row("polygamma 2", x -> Special.polygamma(2, x), 0.125, -1025.7533381181356826, 16),
                row("polygamma 2", x -> Special.polygamma(2, x), 1.0, -2.4041138063191885708, 16),
                row("polygamma 2", x -> Special.polygamma(2, x), 7.5, -0.020305252536644664065, 16),
                row("polygamma 2", x -> Special.polygamma(2, x), 100000.0, -1.00001000005e-10, 16),
                row("polygamma 4", x -> Special.polygamma(4, x), -2.75, -24481.624740671532816, 16),
                row("polygamma 4", x -> Special.polygamma(4, x), 0.125, -786445.98543106378579, 16),
                row("polygamma 4", x -> Special.polygamma(4, x), 1.0, -24.886266123440878232, 16),
                row(
                        "polygamma 4",
                        x -> Special.polygamma(4, x),
                        7.5,
                        -0.0024574829893685549885,
                        16),
                row(
                        "polygamma 4",
                        x -> Special.polygamma(4, x),
                        100000.0,
                        -6.0001200009999999999e-20,
                        16),
                row(
                        "multigammaln",
                        x -> Special.multigammaln(x, 3),
                        1.5,
                        2.1686775340635551259,
                        64),
                row(
                        "multigammaln",
                        x -> Special.multigammaln(x, 3),
                        4.25,
                        6.2541692659266141505,
                        64),
                row(
                        "multigammaln",
                        x -> Special.multigammaln(x, 3),
                        60.0,
                        549.20015662855363061,
                        64),
                row("erfcx", Special::erfcx, -20.25, 2.4485613000901128214e+178, 32),
                row("erfcx", Special::erfcx, -0.5, 1.9523604891825570933, 32),
                row("erfcx", Special::erfcx, 0.5, 0.61569034419292587487, 32),
                row("erfcx", Special::erfcx, 3.9, 0.14031418160068973568, 32),
                row("erfcx", Special::erfcx, 4.1, 0.13383411641865199373, 32),
                row("erfcx", Special::erfcx, 1000.0, 0.0005641893014533876542, 32),
                row("ndtr", Special::ndtr, -8.0, 6.2209605742717841235e-16, 64),
                row("ndtr", Special::ndtr, -0.25, 0.40129367431707627576, 64),
                row("ndtr", Special::ndtr, 3.0, 0.99865010196836990547, 64),
                row("logNdtr", Special::logNdtr, -100.0, -5005.5242086942050886, 64),
                row("logNdtr", Special::logNdtr, -2.0, -3.7831843336820319488, 64),
                row("logNdtr", Special::logNdtr, -0.5, -1.1759117615936186089, 64),
                row("logNdtr", Special::logNdtr, 6.0, -9.8658764552437573169e-10, 64),
                row("ndtri", Special::ndtri, 1e-20, -9.2623400897984075796, 16),
                row("ndtri", Special::ndtri, 0.001, -3.0902323061678135354, 16),
                row("ndtri", Special::ndtri, 0.25, -0.6744897501960817432, 16),
                row("ndtri", Special::ndtri, 0.75, 0.6744897501960817432, 16),
                row("besselI 0", x -> Special.besselI(0, x), -19.5, 26760525.339838766027, 64),
                row("besselI 0", x -> Special.besselI(0, x), 0.75, 1.1456467780440013276, 64),
                row("besselI 0", x -> Special.besselI(0, x), 25.0, 5774560606.4663103158, 64),
                row("besselI 0", x -> Special.besselI(0, x), 700.0, 1.5295933476718737363e+302, 64),
                row("besselI 1", x -> Special.besselI(1, x), -19.5, -26065069.264457165694, 64),
                row("besselI 1", x -> Special.besselI(1, x), 0.75, 0.40199246158092220525, 64),
                row("besselI 1", x -> Special.besselI(1, x), 25.0, 5657865129.8787013531, 64),
                row("besselI 1", x -> Special.besselI(1, x), 700.0, 1.5285003902339006881e+302, 64),
                row("besselI 3", x -> Special.besselI(3, x), -19.5, -21124108.258824643868, 64),
                row("besselI 3", x -> Special.besselI(3, x), 0.75, 0.0091024322749198213839, 64),
                row("besselI 3", x -> Special.besselI(3, x), 25.0, 4806356106.5065390799, 64),
                row("besselI 3", x -> Special.besselI(3, x), 700.0, 1.5197848119270448203e+302, 64),
                row(
                        "scaledBesselI 0",
                        x -> Special.scaledBesselI(0, x),
                        -3.0,
                        0.24300035416182539847,
                        16),
                row(
                        "scaledBesselI 0",
                        x -> Special.scaledBesselI(0, x),
                        10000.0,
                        0.0039894726746047321064,
                        16),
                row(
                        "scaledBesselI 1",
                        x -> Special.scaledBesselI(1, x),
                        -3.0,
                        -0.19682671329730085363,
                        16),
                row(
                        "scaledBesselI 1",
                        x -> Special.scaledBesselI(1, x),
                        10000.0,
                        0.0039892731959836622645,
                        16),
                row("besselJ 0", x -> Special.besselJ(0, x), -24.0, -0.056230274166859267015, 1024),
                row("besselJ 0", x -> Special.besselJ(0, x), 1.5, 0.51182767173591812875, 1024),
                row("besselJ 0", x -> Special.besselJ(0, x), 26.0, 0.1559993155224211296, 1024),
                row("besselJ 0", x -> Special.besselJ(0, x), 1000.0, 0.024786686152420174561, 1024),
                row("besselJ 1", x -> Special.besselJ(1, x), -24.0, 0.15403806518312122128, 1024),
                row("besselJ 1", x -> Special.besselJ(1, x), 1.5, 0.55793650791009964199, 1024),
                row("besselJ 1", x -> Special.besselJ(1, x), 26.0, 0.01504573058691581115, 1024),
                row(
                        "besselJ 1",
                        x -> Special.besselJ(1, x),
                        1000.0,
                        0.0047283119070895239176,
                        1024),
                row("besselJ 2", x -> Special.besselJ(2, x), -24.0, 0.043393768734932498575, 1024),
                row("besselJ 2", x -> Special.besselJ(2, x), 1.5, 0.23208767214421472724, 1024),
                row("besselJ 2", x -> Special.besselJ(2, x), 26.0, -0.15484195163111991336, 1024),
                row(
                        "besselJ 2",
                        x -> Special.besselJ(2, x),
                        1000.0,
                        -0.024777229528605995513,
                        1024),
                row("besselJ 3", x -> Special.besselJ(3, x), -24.0, -0.16127035997227663771, 1024),
                row("besselJ 3", x -> Special.besselJ(3, x), 1.5, 0.060963951141139630644, 1024),
                row("besselJ 3", x -> Special.besselJ(3, x), 26.0, -0.038867569299395797821, 1024),
                row(
                        "besselJ 3",
                        x -> Special.besselJ(3, x),
                        1000.0,
                        -0.0048274208252039478996,
                        1024));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isNear(Row row) {
        double got = of(row.f(), row.x());
        long ulps = HostTensors.ulps(DType.F64, row.value(), got);
        assertTrue(
                ulps <= row.ulps(),
                () -> "%s is %s instead of %s: %d ulp".formatted(row, got, row.value(), ulps));
    }

    private static Tensor slopeOfLogit(Tensor x) {
        return Grad.grad(y -> y.logit().sum()).apply(x);
    }

    static Stream<Row> edges() {
        double inf = Double.POSITIVE_INFINITY;
        return Stream.of(
                row("digamma", Tensor::digamma, 0, -inf, 0),
                row("digamma", Tensor::digamma, -0.0, inf, 0),
                row("digamma", Tensor::digamma, -2, Double.NaN, 0),
                row("logit", SpecialTest::slopeOfLogit, 0, inf, 0),
                row("logit", SpecialTest::slopeOfLogit, 2, Double.NaN, 0),
                row("polygamma", x -> Special.polygamma(1, x), 0, inf, 0),
                row("polygamma", x -> Special.polygamma(1, x), -3, inf, 0),
                row("polygamma", x -> Special.polygamma(1, x), inf, 0, 0),
                row("zeta", x -> Special.zeta(x, x.onesLike()), 1, inf, 0),
                row("zeta", x -> Special.zeta(x, x.zerosLike()), 2, inf, 0),
                row("zeta", x -> Special.zeta(x, x.onesLike()), 0.5, Double.NaN, 0),
                row("xlog1py", x -> Special.xlog1py(x, x.zerosLike().sub(1)), 0, 0, 0),
                row("entr", Special::entr, 0, 0, 0),
                row("entr", Special::entr, -1, -inf, 0),
                row("erfcx", Special::erfcx, -30, inf, 0),
                row("erfcx", Special::erfcx, inf, 0, 0),
                row("ndtri", Special::ndtri, 0, -inf, 0),
                row("ndtri", Special::ndtri, 1, inf, 0),
                row("ndtri", Special::ndtri, 1.5, Double.NaN, 0),
                row("besselI", x -> Special.besselI(1, x), -inf, -inf, 0),
                row("scaledBesselI", x -> Special.scaledBesselI(0, x), inf, 0, 0),
                row("besselJ", x -> Special.besselJ(0, x), inf, 0, 0),
                row("besselJ", x -> Special.besselJ(0, x), Double.NaN, Double.NaN, 0));
    }

    @ParameterizedTest
    @MethodSource("edges")
    void hasItsLimits(Row row) {
        assertEquals(row.value(), of(row.f(), row.x()) + 0.0);
    }

    @Test
    void ordersAreChecked() {
        Tensor x = Gemel.tensor(new double[] {1});
        List<UnaryOperator<Tensor>> wrong =
                List.of(
                        y -> Special.polygamma(-1, y),
                        y -> Special.multigammaln(y, 0),
                        y -> Special.besselI(-1, y),
                        y -> Special.besselJ(-1, y));
        wrong.forEach(f -> assertThrows(TypeException.class, () -> f.apply(x)));
    }

    @Test
    void digammaIsDifferentiableAsOftenAsOneLikes() {
        Tensor x = Gemel.tensor(new double[] {2.5});
        UnaryOperator<Tensor> f = Tensor::digamma;
        for (int n = 1; n <= 4; n++) {
            UnaryOperator<Tensor> former = f;
            f = y -> Grad.grad(z -> former.apply(z).sum()).apply(y);
            double want = Special.polygamma(n, x).toDoubleArray()[0];
            assertEquals(want, f.apply(x).toDoubleArray()[0], Math.ulp(want) * 16);
        }
    }
}
