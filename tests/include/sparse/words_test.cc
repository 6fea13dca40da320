// sparse::words against a loop over bytes.
#include <sparse/words.h>

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace sparse {
namespace {

std::vector<std::string> taken(std::string_view text) {
  std::vector<std::string> list;
  for (const std::string_view word : words(text)) list.emplace_back(word);
  return list;
}

std::vector<std::string> expected(std::string_view text) {
  std::vector<std::string> list;
  std::string word;
  for (const char c : text) {
    if (c != ' ' && (c < '\t' || c > '\r')) {
      word += c;
    } else if (!word.empty()) {
      list.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) list.push_back(word);
  return list;
}

TEST(Words, are_what_stands_between_white_space) {
  const std::string long_word(200, 'x');
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"", {}},
      {" \t\n\v\f\r", {}},
      {"a", {"a"}},
      {" a  b\tc\r\n", {"a", "b", "c"}},
      {"to be, or not", {"to", "be,", "or", "not"}},
      {"\x08\x0e\x1f\x7f", {"\x08\x0e\x1f\x7f"}},
      {"na\xc3\xafve \xff\x80\xa0", {"na\xc3\xafve", "\xff\x80\xa0"}},
      {std::string("a\0b c", 5), {std::string("a\0b", 3), "c"}},
      {long_word, {long_word}},
      {" " + long_word + " " + long_word, {long_word, long_word}},
      {std::string(64, 'a') + " b", {std::string(64, 'a'), "b"}},
      {std::string(63, ' ') + "a", {"a"}},
      {std::string(64, ' ') + "a", {"a"}},
      {std::string(63, ' ') + "ab", {"ab"}},
  };
  for (const auto& [text, list] : cases) EXPECT_EQ(taken(text), list) << '"' << text << '"';
}

TEST(Words, are_the_same_at_every_size_and_place) {
  std::mt19937 random(7);
  for (std::size_t size = 0; size < 300; ++size)
    for (const unsigned one_space_in : {2u, 6u, 90u}) {
      // Of exactly this size, so that a byte read past its end is seen by the address sanitizer.
      const std::unique_ptr<char[]> bytes(new char[size]);
      for (std::size_t i = 0; i < size; ++i)
        bytes[i] = random() % one_space_in == 0 ? " \t\r\n"[random() % 4] : static_cast<char>('a' + random() % 26);
      const std::string_view text(bytes.get(), size);
      ASSERT_EQ(taken(text), expected(text)) << '"' << text << '"';
    }
}

}  // namespace
}  // namespace sparse
