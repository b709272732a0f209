package org.gemel;

import java.util.OptionalInt;

/// One part of an index expression, as in `x.at(Index.at(0), Index.slice(1, 4), Index.ELLIPSIS)`.
///
/// The parts are those of NumPy: an integer, a slice, an ellipsis, a new axis, an array of integers
/// or a `bool` mask. Arrays broadcast against each other; integers count as arrays where there is
/// one. What they select stands where the first of them stood if all of them are neighbours, and in
/// front otherwise.
public sealed interface Index {
    /// All dimensions that no other part names.
    Index ELLIPSIS = new Ellipsis();

    /// A new dimension of size 1.
    Index NEW_AXIS = new NewAxis();

    /// All of a dimension.
    Index ALL = new Range(OptionalInt.empty(), OptionalInt.empty(), 1);

    /// One place along a dimension, which disappears; a negative one counts from the end.
    ///
    /// @param place the place
    record At(int place) implements Index {}

    /// Places from `start`, before `stop`, at a distance of `step`, as in Python: negative bounds
    /// count from the end, those beyond the end are cut, a negative step goes backwards.
    ///
    /// @param start the first place, or the end where the step leads away from
    /// @param stop the first place that is left out, or the end where the step leads to
    /// @param step the distance, not 0
    record Range(OptionalInt start, OptionalInt stop, int step) implements Index {
        /// Checks the step.
        public Range {
            if (step == 0) {
                throw new TypeException("slice: expects a step other than 0, but got 0; use 1");
            }
        }

        // The first place and how many there are in a dimension of `size`.
        int first(int size) {
            int lowest = step > 0 ? 0 : -1;
            int fallback = step > 0 ? 0 : size - 1;
            return start.isPresent() ? bounded(start.getAsInt(), size, lowest) : fallback;
        }

        int count(int size) {
            int lowest = step > 0 ? 0 : -1;
            int fallback = step > 0 ? size : -1;
            int end = stop.isPresent() ? bounded(stop.getAsInt(), size, lowest) : fallback;
            return Math.max(0, Math.ceilDiv(end - first(size), step));
        }

        private static int bounded(int place, int size, int lowest) {
            int resolved = place < 0 ? place + size : place;
            return Math.clamp(resolved, lowest, Math.max(lowest, size + lowest));
        }
    }

    /// See [#ELLIPSIS].
    record Ellipsis() implements Index {}

    /// See [#NEW_AXIS].
    record NewAxis() implements Index {}

    /// The places that an i64 tensor names, or those where a `bool` tensor is true; that one names
    /// as many dimensions as it has.
    ///
    /// @param tensor the places or the mask
    record Of(Tensor tensor) implements Index {}

    /// One place along a dimension.
    static Index at(int place) {
        return new At(place);
    }

    /// The places from `start` before `stop`.
    static Index slice(int start, int stop) {
        return slice(start, stop, 1);
    }

    /// Every `step`-th place from `start` before `stop`.
    static Index slice(int start, int stop, int step) {
        return new Range(OptionalInt.of(start), OptionalInt.of(stop), step);
    }

    /// The places from `start` on.
    static Index from(int start) {
        return new Range(OptionalInt.of(start), OptionalInt.empty(), 1);
    }

    /// The places before `stop`.
    static Index before(int stop) {
        return new Range(OptionalInt.empty(), OptionalInt.of(stop), 1);
    }

    /// Every `step`-th place of all, backwards from the end if negative.
    static Index every(int step) {
        return new Range(OptionalInt.empty(), OptionalInt.empty(), step);
    }

    /// The places that `tensor` names: i64 indices or a `bool` mask.
    static Index tensor(Tensor tensor) {
        return new Of(tensor);
    }

    /// The given places.
    static Index places(long... places) {
        return new Of(Gemel.tensor(places));
    }
}
