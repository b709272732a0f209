package org.gemel;

/// The different elements of a tensor, or the different slices along a dimension.
///
/// @param values each once, ascending
/// @param inverse for each element of the tensor, or each slice, the place (i64) of its value
/// @param counts how often (i64) each value occurs
public record Unique(Tensor values, Tensor inverse, Tensor counts) {}
