/// Traced functions.
///
/// A traced function is recorded for what it is called with, compiled, and then runs as that. A
/// recording is used again when all of its *key* still holds:
///
/// - the mode, and whether gradients are recorded;
/// - of each argument: dtype and shape of a tensor and whether it needs gradients; the value of a
///   number, text, enum or value record; the content of a primitive array; the parts of a list,
///   array or record; the identity of any other object;
/// - of each parameter, state and gradient that the function read or assigned: whether it has a
///   content, and its type;
/// - the Java state that the function's code can touch: fields that can be assigned (static ones
///   too), by value or identity; the content of collections, maps, optional and atomic variables
///   and of arrays up to 16,384 primitives; tensors from outside that it used, by identity;
/// - each value that the function looked at (`item()`, `toBoolean()`, `toFloatArray()` ...): it
///   decides which branch of the trace is taken.
///
/// Which fields the code can touch is read from class files, and errs towards too many. Where the
/// code uses reflection or method handles, all fields within reach count.
///
/// Refused, with an error that names the field: larger arrays, and objects of the JDK whose state
/// cannot be compared, such as `Random`, `StringBuilder` or an iterator. Refused as well are Java
/// side effects on what is guarded, a function that does something else when it runs again with the
/// same arguments, a tape that was recorded outside, and, where a module keeps the package of such
/// a field closed, tracing itself: the error says which `opens` to add.
///
/// Not seen: the clock, system properties, files, thread-local variables, native code, and the
/// state of other objects of the JDK. What comes from there belongs into an argument.
///
/// A call that throws assigns nothing. At most 64 traces of a function are kept, the least recently
/// used go first; a look is followed by at most 16 different values, a call has at most 1,000
/// looks. A call that would need more runs eagerly, which `explain()` and one warning report.
package org.gemel.tracer;
