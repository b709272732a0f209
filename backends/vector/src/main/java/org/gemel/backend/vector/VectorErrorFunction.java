package org.gemel.backend.vector;

import org.gemel.backend.vector.VectorCode.Value;

/// The error function and its complement as vector code; see [VectorMath].
///
/// @param m what the code goes through
record VectorErrorFunction(VectorMath m) {
    // erf(x) / x - 1 in x^2 for |x| up to 9/8, error below 6e-9
    private static final double[] NEAR_SINGLE = {
        0.12837916051766182,
        -0.3761258952630085,
        0.11283177156853028,
        -0.026837106936394513,
        0.0051575025231989915,
        -0.0007748543389586782,
        7.021927690263185e-05
    };

    // erfc(x) in x - 5/2 for x from 9/8 to 3.92, error below 3e-8
    private static final double[] FAR_SINGLE = {
        0.00040693405358394736,
        -0.002178105829171912,
        0.005446561017687264,
        -0.008352913710348336,
        0.008615853765657152,
        -0.006104353200434514,
        0.0028170740235896885,
        -0.000568854107866957,
        -0.00028552716732691333,
        0.00027800780423740983,
        -6.226898674895779e-05,
        -2.085237107968542e-05,
        9.17643305155261e-06
    };

    // exp(x^2) erfc(x) for x in [1, 6], error of erfc below 1e-17
    private static final double[] COMPLEMENT_DOUBLE = {
        0.25539567631050575,
        -0.4271858474139579,
        0.24165819424246987,
        -0.07897858101585253,
        0.00373289240349224,
        0.006997461747753573,
        -0.0008471431980760424,
        -0.0009819773208131022,
        4.3554202452705896e-05,
        0.00017436697232946864,
        2.754312818566672e-05,
        -2.7647305443610053e-05,
        -1.4067532694582058e-05,
        1.820143195975009e-06,
        3.917059299925389e-06
    };

    // exp(x^2) erfc(x) (1 + 2 x) for x in [1/2, 10], relative error below 4e-9
    private static final double[] TAIL_SINGLE = {
        1.2530080574731912,
        -0.1356210503418582,
        -0.04756221525797708,
        0.1296427750524512,
        -0.11927529563521154,
        0.06833600754842946,
        -0.023755261028733616,
        0.002400878095826248,
        0.0018223489240345617,
        -0.0005449524876759817
    };

    // and in [1/2, 27.5], below 6e-17
    private static final double[] TAIL_DOUBLE = {
        1.2530080582697296,
        -0.13562110612458078,
        -0.047562294353434856,
        0.12964515870271406,
        -0.11927366341631657,
        0.06830802734573008,
        -0.023770514893807177,
        0.0025293917847977613,
        0.0018886900466138896,
        -0.0007798319554266182,
        -0.00010515752027672682,
        0.00012509737050957654,
        4.939229801405623e-06,
        -2.009261188758094e-05,
        -7.023509039180702e-07,
        3.4518449843583143e-06,
        3.04791548139816e-07,
        -5.834090478140438e-07,
        -8.57441390818395e-08,
        7.096737973270051e-08,
        9.188186559785616e-09
    };

    private VectorCode c() {
        return m.c;
    }

    /// In single precision a polynomial in `x^2` up to 9/8, beyond one for the complement; in
    /// double precision the Maclaurin series up to 1, beyond `1 - exp(-x^2) q(t)` with `t = (x - 2)
    /// / (x + 2)`, where `q` interpolates `exp(x^2) erfc(x)` at Chebyshev nodes.
    Value erf(Value x) {
        Value size = m.abs(x);
        if (m.single) {
            Value near = c().fma(size, m.polynomial(NEAR_SINGLE, c().mul(x, x)), size);
            Value far = c().sub(m.one, m.polynomial(FAR_SINGLE, c().sub(size, m.k(2.5))));
            far = c().blend(c().compare("GT", size, m.k(3.92)), m.one, far);
            return m.withSign(c().blend(c().compare("LT", size, m.k(1.125)), near, far), x);
        }
        Value square = c().mul(x, x);
        int terms = 18;
        double factorial = 1;
        for (int i = 2; i <= terms; i++) {
            factorial *= i;
        }
        double scale = 2 / Math.sqrt(Math.PI);
        Value series = m.k(scale / (factorial * (2 * terms + 1)));
        for (int i = terms - 1; i >= 1; i--) {
            factorial /= i + 1;
            double next = scale * (i % 2 == 0 ? 1 : -1) / (factorial * (2 * i + 1));
            series = c().fma(series, square, m.k(next));
        }
        // x + x (2/sqrt(pi) - 1 + ..): the smallest x have no bits to lose
        series = c().fma(series, square, m.k(scale - 1));
        Value near = c().fma(size, series, size);
        Value t = c().div(c().sub(size, m.k(2)), c().add(size, m.k(2)));
        Value gauss = m.exp(c().unary("NEG", square));
        Value far = c().sub(m.one, c().mul(gauss, m.polynomial(COMPLEMENT_DOUBLE, t)));
        far = c().blend(c().compare("GT", size, m.k(6)), m.one, far);
        return m.withSign(c().blend(c().compare("LT", size, m.one), near, far), x);
    }

    /// Up to 1/2 from [#erf]; beyond, `exp(-x^2) q(t) / (1 + 2 x)` with `t = (x - 3) / (x + 3)`,
    /// where `q` interpolates at Chebyshev nodes.
    Value erfc(Value x) {
        Value t = c().div(c().sub(x, m.k(3)), c().add(x, m.k(3)));
        Value tail = m.polynomial(m.single ? TAIL_SINGLE : TAIL_DOUBLE, t);
        // the square in two parts: its rounding error counts x^2 times
        Value high = c().mul(x, x);
        Value low = c().fma(x, x, c().unary("NEG", high));
        Value gauss = m.exp(c().unary("NEG", high), c().unary("NEG", low));
        Value far = c().mul(gauss, c().div(tail, c().add(m.one, c().add(x, x))));
        far = c().blend(c().compare("GT", x, m.pick(11, 28)), m.k(0), far);
        return c().blend(c().compare("LT", x, m.k(0.5)), c().sub(m.one, erf(x)), far);
    }
}
