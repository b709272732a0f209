package org.gemel.tracer;

import java.util.List;

/// A function that is traced.
///
/// @param name for messages
/// @param body what it does
/// @param origin who wrote it
/// @param roots objects besides the arguments that it can see
record Subject(String name, Body body, JavaState.Origin origin, List<Object> roots) {}
