package org.gemel.tracer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.gemel.DType;
import org.gemel.Gemel;
import org.gemel.Tensor;

/// Methods of a user, to be woven by [TemporariesTest].
final class TemporariesTestModel implements TemporariesTestCalls {
    private final List<Tensor> kept = new ArrayList<>();
    private final Tensor[] array = new Tensor[1];
    private Tensor field = Gemel.zeros(1000);
    private Supplier<Tensor> later = () -> field;

    @Override
    public List<Tensor> kept() {
        kept.add(field);
        kept.add(array[0] == null ? field : array[0]);
        kept.add(later.get());
        return kept;
    }

    @Override
    public Tensor call(String name, Tensor x, Tensor y) {
        return switch (name) {
            case "chain" -> chain(x, y);
            case "locals" -> locals(x, y);
            case "loop" -> loop(x, y);
            case "reused" -> reused(x, y);
            case "branches" -> branches(x, y);
            case "loopWithExit" -> loopWithExit(x, y);
            case "parameterSetAgain" -> parameterSetAgain(x, y);
            case "caught" -> caught(x, y);
            case "numbers" -> numbers(x, y);
            case "dropped" -> dropped(x, y);
            case "sameHandle" -> sameHandle(x, y);
            case "sameHandleOfParameter" -> sameHandleOfParameter(x, y);
            case "choice" -> choice(x, y);
            case "assignedWithin" -> assignedWithin(x, y);
            case "helper" -> helper(x, y);
            case "recursive" -> recursive(x, y, 5);
            case "wide" -> wide(x, 2.5, 3L, y);
            case "toField" -> toField(x, y);
            case "toArray" -> toArray(x, y);
            case "toList" -> toList(x, y);
            case "toLambda" -> toLambda(x, y);
            case "twoNames" -> twoNames(x, y);
            case "fieldThenOperation" -> fieldThenOperation(x, y);
            case "helperKeeps" -> helperKeeps(x, y);
            case "helperGivesField" -> helperGivesField(x, y);
            case "helperGivesItsParameter" -> helperGivesItsParameter(x, y);
            case "joined" -> joined(x, y);
            case "views" -> views(x, y);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Tensor chain(Tensor x, Tensor y) {
        return x.mul(y).add(x).mul(y).relu().add(x.sub(y));
    }

    private static Tensor locals(Tensor x, Tensor y) {
        Tensor product = x.mul(y);
        Tensor sum = product.add(x);
        Tensor both = product.mul(sum);
        return both.add(y);
    }

    private static Tensor loop(Tensor x, Tensor y) {
        Tensor t = x;
        for (int i = 0; i < 7; i++) {
            Tensor m = t.mul(y);
            t = m.add(x);
        }
        return t;
    }

    private static Tensor reused(Tensor x, Tensor y) {
        {
            Tensor a = x.add(y);
            x = a.mul(a);
        }
        {
            String text = "slot of another type";
            y = text.isEmpty() ? y.neg() : y;
        }
        {
            double wide = x.size();
            Tensor b = y.mul(wide);
            return b.add(x);
        }
    }

    private static Tensor branches(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        Tensor u = x.sub(y);
        if (x.size() > 3) {
            t = t.mul(u);
        } else {
            u = u.mul(t);
        }
        return x.size() == 4 ? u.neg() : t.neg();
    }

    private static Tensor loopWithExit(Tensor x, Tensor y) {
        Tensor t = x.add(1);
        while (true) {
            Tensor next = t.mul(0.5).add(y);
            if (next.sum().item() < 1e30) {
                Tensor last = next.mul(2);
                if (last.size() != 1) {
                    return last;
                }
                continue;
            }
            t = next;
        }
    }

    private static Tensor parameterSetAgain(Tensor x, Tensor y) {
        x = x.add(y);
        x = x.mul(y);
        y = x.sub(y);
        return y.add(x);
    }

    private static Tensor caught(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        try {
            t = t.mul(2);
            t = t.reshape(-1).add(Gemel.zeros(3, 5, 7));
        } catch (RuntimeException expected) {
            t = t.add(1);
        }
        return t.mul(y);
    }

    private static Tensor numbers(Tensor x, Tensor y) {
        double total = x.mul(y).sum().item() + x.add(y).toFloatArray()[0];
        long size = x.sub(y).size();
        return y.mul(total / size);
    }

    private static Tensor dropped(Tensor x, Tensor y) {
        x.mul(y);
        Tensor unused = x.add(y);
        unused.neg();
        return x.sub(y);
    }

    // What converts to the type it has is the same handle.
    private static Tensor sameHandle(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        Tensor u = t.to(DType.F32);
        Tensor v = u.reshape(t.shape()).to(DType.F32);
        return v.mul(y).add(v);
    }

    private static Tensor sameHandleOfParameter(Tensor x, Tensor y) {
        Tensor t = x.to(DType.F32);
        t.add(y);
        Tensor u = x.to(DType.F32).reshape(x.shape()).add(t);
        return u.mul(x.to(DType.F32));
    }

    private static Tensor choice(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        Tensor u = (x.size() > 1 ? t : y).mul(x.size() > 2 ? x.neg() : y);
        return u.add(t);
    }

    private static Tensor assignedWithin(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        Tensor u = t.mul(t = t.neg());
        return u.add(t);
    }

    private static Tensor helper(Tensor x, Tensor y) {
        Tensor t = locals(x.add(y), y);
        Tensor u = chain(t, chain(x, t));
        return t.add(u.mul(0));
    }

    private static Tensor recursive(Tensor x, Tensor y, int depth) {
        return depth == 0 ? x.add(y) : recursive(x.mul(y), y, depth - 1).add(x);
    }

    private static Tensor wide(Tensor x, double factor, long shift, Tensor y) {
        Tensor t = x.mul(factor);
        long twice = shift * 2;
        Tensor u = t.add((double) twice);
        return u.mul(y);
    }

    private Tensor toField(Tensor x, Tensor y) {
        field = x.add(y);
        return field.mul(y);
    }

    private Tensor toArray(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        array[0] = t;
        return t.mul(y);
    }

    private Tensor toList(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        kept.add(t);
        kept.add(x.mul(y));
        return t.mul(y);
    }

    private Tensor toLambda(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        later = () -> t;
        return t.mul(y);
    }

    private Tensor twoNames(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        Tensor u = t;
        t = t.mul(y);
        return u.add(t);
    }

    private Tensor fieldThenOperation(Tensor x, Tensor y) {
        field = x.add(y);
        Tensor t = field.to(DType.F32);
        return t.mul(field.reshape(field.shape()));
    }

    private Tensor helperKeeps(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        return keep(t).mul(keep(x.mul(y)));
    }

    private Tensor keep(Tensor t) {
        field = t;
        return t.add(1);
    }

    private Tensor helperGivesField(Tensor x, Tensor y) {
        field = x.mul(y);
        return stored().add(y).mul(stored());
    }

    private Tensor stored() {
        return field;
    }

    private static Tensor helperGivesItsParameter(Tensor x, Tensor y) {
        Tensor t = converted(x.add(y));
        Tensor u = same(x).add(converted(y));
        return t.mul(u).add(converted(t));
    }

    private static Tensor same(Tensor x) {
        return x;
    }

    private static Tensor converted(Tensor x) {
        return x.to(DType.F32);
    }

    private static Tensor joined(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        Tensor both = Tensor.concat(List.of(t, x), 0);
        Tensor one = Tensor.concat(List.of(t), 0);
        return both.sum().add(one).add(t);
    }

    private static Tensor views(Tensor x, Tensor y) {
        Tensor t = x.add(y);
        Tensor v = t.reshape(10, 100).transpose();
        List<Tensor> parts = t.reshape(10, 100).split(0, 4, 6);
        t = t.neg();
        return v.reshape(-1).add(t).add(parts.getFirst().sum());
    }
}
