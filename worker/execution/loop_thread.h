// The thread of a loop: rounds while there is work, else sleep until woken or until something is due.
#pragma once

namespace sparse::worker {

class Loop;

/// Returns when the worker stops. Tasks have been opened before, are closed after.
void run_loop_thread(Loop& loop);

}  // namespace sparse::worker
