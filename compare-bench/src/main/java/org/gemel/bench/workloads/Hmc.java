package org.gemel.bench.workloads;

import static org.gemel.Gemel.key;
import static org.gemel.Gemel.noGrad;
import static org.gemel.Gemel.tensor;

import java.util.List;
import java.util.function.UnaryOperator;
import org.gemel.Grad;
import org.gemel.Key;
import org.gemel.State;
import org.gemel.Tensor;
import org.gemel.tracer.Traced;

/// A transition of Hamiltonian Monte Carlo (Duane et al., 1987): 32 chains on a correlated normal
/// distribution of two dimensions, ten leapfrog steps.
final class Hmc implements Program {
    static final Workload WORKLOAD =
            new StepWorkload(
                    "hmc",
                    "Hamiltonian Monte Carlo, 32 chains, 10 leapfrog steps",
                    // by the same formulas in PyTorch, given this key's momenta and uniform numbers
                    Check.ofFirstStep(0.8176639559, Check::meanAbsolute),
                    "positions",
                    Hmc::new,
                    false);

    private static final int CHAINS = 32;
    private static final int LEAPS = 10;
    private static final double LEAP = 0.1;

    private final Tensor precision = tensor(new float[] {5.005f, -4.995f, -4.995f, 5.005f}, 2, 2);
    private final UnaryOperator<Tensor> force = Grad.grad(q -> energy(q).sum());
    private final State positions = new State("positions", start());
    private final State key = new State("key", key(1).data());

    private static Tensor start() {
        return PeerData.tensorOf(1001, -1, 1, CHAINS, 2);
    }

    private Tensor energy(Tensor q) {
        return q.matmul(precision).mul(q).sum(-1).mul(0.5);
    }

    private static Tensor kinetic(Tensor p) {
        return p.mul(p).sum(-1).mul(0.5);
    }

    /// Where the chains go from `q` with momenta `p`; those stay for which `u` in 0 .. 1 is too
    /// large.
    @Traced
    Tensor transition(Tensor q, Tensor p, Tensor u) {
        return noGrad(() -> moved(q, p, u));
    }

    private Tensor moved(Tensor q, Tensor p, Tensor u) {
        Tensor before = energy(q).add(kinetic(p));
        Tensor x = q;
        Tensor v = p.sub(force.apply(x).mul(0.5 * LEAP));
        for (int i = 0; i < LEAPS; i++) {
            x = x.add(v.mul(LEAP));
            v = v.sub(force.apply(x).mul(i < LEAPS - 1 ? LEAP : 0.5 * LEAP));
        }
        Tensor after = energy(x).add(kinetic(v));
        Tensor accepted = u.lt(before.sub(after).exp()).unsqueeze(-1);
        return Tensor.where(accepted, x, q);
    }

    /// A transition with fresh momenta.
    @Traced
    Tensor next() {
        Key now = new Key(key.value());
        key.assign(now.fold(0).data());
        Tensor p = now.fold(1).normal(CHAINS, 2);
        Tensor u = now.fold(2).uniform(CHAINS);
        positions.assign(transition(positions.value(), p, u));
        return positions.value();
    }

    @Override
    public Tensor step() {
        return next();
    }

    @Override
    public void restart() {
        positions.assign(start());
        key.assign(key(1).data());
    }

    @Override
    public List<Tensor> state() {
        return List.of(positions.value(), key.value());
    }
}
