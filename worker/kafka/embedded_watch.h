// Looks at what the embedded broker has dropped, on a thread of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "worker/kafka/consumer.h"
#include "worker/kafka/embedded_losses.h"

namespace sparse::kafka {

class EmbeddedWatch {
 public:
  struct Loss {
    std::string_view topic;
    std::string_view text;
  };
  /// On the watch's thread, or that of the destructor.
  using Tell = std::function<void(const Loss&)>;

  static Result<std::unique_ptr<EmbeddedWatch>> start(const std::string& address, std::string remedy, Tell tell);
  /// Looks a last time.
  ~EmbeddedWatch();
  EmbeddedWatch(const EmbeddedWatch&) = delete;
  EmbeddedWatch& operator=(const EmbeddedWatch&) = delete;

 private:
  EmbeddedWatch(std::unique_ptr<Consumer> client, std::string remedy, Tell tell)
      : client_(std::move(client)), losses_(std::move(remedy)), tell_(std::move(tell)) {}
  void run();
  void look(bool last);

  std::unique_ptr<Consumer> client_;
  EmbeddedLosses losses_;
  Tell tell_;
  std::mutex mutex_;
  std::condition_variable end_;
  bool ending_ = false;
  std::jthread thread_;
};

}  // namespace sparse::kafka
