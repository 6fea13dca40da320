// Crash reports: what a process writes before it dies of a component's defect, and where a thread that is stuck is.
#include "worker/execution/crash_report.h"

#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <iterator>
#include <typeinfo>

#include <cxxabi.h>

#include "worker/execution/loop.h"

namespace sparse::worker {
namespace {

constexpr int kDeadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr int kLook = SIGURG;       // ignored by default, and used by nobody else here
constexpr unsigned kPatience = 20;  // seconds for a report; a crash may have left a lock locked that it needs

// Handlers can reach nothing else.
std::atomic<bool> reporting{false};
volatile std::sig_atomic_t dying_of = 0;
char terminate_reason[512] = "";
std::terminate_handler terminate_before = nullptr;
std::atomic<ThreadPlace*> wanted_place{nullptr};
sem_t place_taken;

std::uintptr_t program_counter(const void* context) {
  const auto& registers = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(registers.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<std::uintptr_t>(registers.pc);
#else
  return registers ? 0 : 0;
#endif
}

std::string_view in_words(int signal) {
  switch (signal) {
    case SIGSEGV: return "SIGSEGV (memory that is not there)";
    case SIGBUS: return "SIGBUS (memory that cannot be reached)";
    case SIGFPE: return "SIGFPE (arithmetic error, such as a division by zero)";
    case SIGILL: return "SIGILL (an instruction that does not exist)";
    default: return "SIGABRT (abort)";
  }
}

FaultLine& add_task(FaultLine& line, const Task& task) {
  return line.text("component \"").text(task.spec().id).text("\", task ").number(task.id);
}

void add_tree(FaultLine& line, const CallChain& chain) {
  if (chain.id_known)
    add_task(line.text("; message id ").number(chain.id).text(" of "), *chain.id_spout);
  else if (chain.root != 0)
    line.text("; tree ").hex(chain.root).text(" of spout task ").number(chain.root_spout);
}

void write_chain(const CallChain& chain) {
  if (chain.count < 2) return;
  FaultLine line;
  line.text("sparse: calls that led there: ");
  for (int i = 0; i < chain.count; ++i)
    line.text(i == 0 ? "" : " -> ")
        .text(chain.tasks[i]->spec().id)
        .text("#")
        .number(chain.tasks[i]->id)
        .text(" ")
        .text(chain.doing(i));
  line.write_to(STDERR_FILENO);
}

void write_report(int signal, const siginfo_t& info, std::uintptr_t pc) {
  const CallChain chain = call_chain_here();
  FaultLine line;
  line.text("sparse: crashed by ").text(in_words(signal));
  if (signal == SIGSEGV || signal == SIGBUS) line.text(" at address ").hex(reinterpret_cast<std::uintptr_t>(info.si_addr));
  if (const Task* task = chain.last())
    add_task(line.text(", in "), *task).text(", in ").text(chain.doing(chain.count - 1));
  else if (chain.loop)
    line.text(", on loop ").number(chain.loop->index).text(", in no component's call");
  else
    line.text(", on a thread that runs no loop: one that a component has started, or sparse's own");
  add_tree(line, chain);
  line.write_to(STDERR_FILENO);
  if (terminate_reason[0] != '\0') line.text("sparse: ").text(terminate_reason).write_to(STDERR_FILENO);
  write_chain(chain);
  void* frames[kFramesMost];
  const int count = take_frames(frames, kFramesMost, pc);
  const bool at_fault = count > 0 && reinterpret_cast<std::uintptr_t>(frames[0]) == pc;
  write_frames(STDERR_FILENO, frames, count, at_fault);
  line.text("sparse: the run ends here; tuples under way get no verdict").write_to(STDERR_FILENO);
}

void give_up_report(int) {
  signal(dying_of, SIG_DFL);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, dying_of);
  sigprocmask(SIG_UNBLOCK, &one, nullptr);
  kill(getpid(), dying_of);
}

void on_deadly(int number, siginfo_t* info, void* context) {
  if (reporting.exchange(true)) {
    // Another thread reports, and takes the process with it.
    while (true) pause();
  }
  dying_of = number;
  struct sigaction action = {};
  action.sa_handler = give_up_report;
  sigaction(SIGALRM, &action, nullptr);
  sigset_t alarm_only;
  sigemptyset(&alarm_only);
  sigaddset(&alarm_only, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &alarm_only, nullptr);
  alarm(kPatience);
  write_report(number, *info, program_counter(context));
  // It is blocked until this returns, and kills then: the exit status tells the truth.
  signal(number, SIG_DFL);
  raise(number);
}

void on_look(int, siginfo_t*, void* context) {
  const int error = errno;
  if (ThreadPlace* place = wanted_place.exchange(nullptr)) {
    place->chain = call_chain_here();
    place->count = take_frames(place->frames, kFramesMost, program_counter(context));
    sem_post(&place_taken);
  }
  errno = error;
}

void append_reason(std::string_view more) {
  const std::size_t before = std::strlen(terminate_reason);
  const std::size_t fits = std::min(more.size(), sizeof terminate_reason - 1 - before);
  std::memcpy(terminate_reason + before, more.data(), fits);
  terminate_reason[before + fits] = '\0';
}

// No signal handler: this thread was well until now.
[[noreturn]] void on_terminate() {
  append_reason("std::terminate was called");
  if (const std::type_info* type = abi::__cxa_current_exception_type()) {
    int status = 0;
    char* name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    append_reason(": nobody caught an exception of type ");
    append_reason(name ? name : type->name());
    try {
      throw;
    } catch (const std::exception& error) {
      append_reason(": ");
      append_reason(error.what());
    } catch (...) {
    }
  }
  std::abort();
}

}  // namespace

struct CrashReports::Before {
  struct sigaction deadly[std::size(kDeadly)];
  struct sigaction look;
};

CrashReports::CrashReports() : before_(std::make_unique<Before>()) {
  prepare_frames();
  sem_init(&place_taken, 0, 0);
  struct sigaction action = {};
  action.sa_sigaction = on_deadly;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  // A crash inside the report kills at once.
  for (std::size_t i = 0; i < std::size(kDeadly); ++i) sigaction(kDeadly[i], &action, &before_->deadly[i]);
  action.sa_sigaction = on_look;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigaction(kLook, &action, &before_->look);
  terminate_before = std::set_terminate(on_terminate);
}

CrashReports::~CrashReports() {
  std::set_terminate(terminate_before);
  for (std::size_t i = 0; i < std::size(kDeadly); ++i) sigaction(kDeadly[i], &before_->deadly[i], nullptr);
  sigaction(kLook, &before_->look, nullptr);
}

HandlerStack::HandlerStack() : memory_(new char[kSize]) {
  stack_t stack = {};
  stack.ss_sp = memory_.get();
  stack.ss_size = kSize;
  sigaltstack(&stack, &before_);
}

HandlerStack::~HandlerStack() {
  if (before_.ss_sp == nullptr) before_.ss_flags = SS_DISABLE;
  sigaltstack(&before_, nullptr);
}

std::unique_ptr<ThreadPlace> place_of_thread(pthread_t thread) {
  struct sigaction action = {};
  if (sigaction(kLook, nullptr, &action) != 0 || action.sa_sigaction != on_look) return nullptr;
  auto place = std::make_unique<ThreadPlace>();
  wanted_place.store(place.get());
  if (pthread_kill(thread, kLook) != 0) return wanted_place.exchange(nullptr) ? nullptr : std::move(place);
  constexpr int kTries = 25;
  for (int i = 0; i < kTries; ++i) {
    if (sem_trywait(&place_taken) == 0) return place;
    const timespec pause{0, 10'000'000};
    nanosleep(&pause, nullptr);
  }
  if (wanted_place.exchange(nullptr)) return nullptr;
  // The handler has begun: it writes into the place.
  while (sem_wait(&place_taken) != 0) {
  }
  return place;
}

}  // namespace sparse::worker
