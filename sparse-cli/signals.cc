#include "sparse-cli/signals.h"

#include <iterator>

namespace sparse::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

// A handler can reach nothing else.
volatile std::sig_atomic_t asked_to_stop = 0;

void count_it(int signal) {
  if (signal != SIGPIPE && asked_to_stop < 100) asked_to_stop = asked_to_stop + 1;
}

}  // namespace

StopSignals::StopSignals() {
  asked_to_stop = 0;
  struct sigaction action = {};
  action.sa_handler = count_it;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &action, &before_[i]);
  // Started with nohup: the terminal may go.
  if (before_[2].sa_handler == SIG_IGN) sigaction(SIGHUP, &before_[2], nullptr);
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &before_[i], nullptr);
}

int StopSignals::asked() const { return asked_to_stop; }

}  // namespace sparse::cli
