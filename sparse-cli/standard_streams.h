// The three standard descriptors: there from the beginning, and written to the end.
#pragma once

namespace sparse::cli {

/// Before anything is opened. A descriptor from 0 to 2 that the caller has closed would be given to the next file or socket, and
/// results would be written into that. It is taken by one that refuses to be read or written instead, so that this is an error.
void hold_standard_descriptors();

/// Whether all that was printed to stdout has arrived there; if not, says why.
bool finish_stdout();

}  // namespace sparse::cli
