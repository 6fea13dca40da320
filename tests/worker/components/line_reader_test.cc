// Lines of a file: where they begin and end, in every part and with every buffer.
#include "worker/components/line_reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <vector>

#include "tests/support/scratch.h"
#include "worker/components/file_handle.h"

namespace sparse::worker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct File {
  explicit File(std::string_view content) : handle(::open(scratch.write("f", content).c_str(), O_RDONLY)) {}
  test::Scratch scratch;
  FileHandle handle;
};

std::vector<std::string> read_lines(int fd, std::uint64_t begin, std::uint64_t end, std::size_t line_max = 1000,
                                    std::size_t buffer = 8) {
  LineReader reader(line_max, buffer);
  reader.start(fd, begin, end);
  std::vector<std::string> lines;
  LineReader::Line line;
  for (;;) {
    const auto got = reader.next(line);
    if (got == LineReader::Got::end || got == LineReader::Got::failed) return lines;
    lines.push_back((got == LineReader::Got::too_long ? "too long: " : "") + std::string(line.text));
  }
}

TEST(LineReader, gives_what_stands_before_each_newline_byte_for_byte) {
  const struct {
    std::string_view content;
    std::vector<std::string> lines;
  } cases[] = {
      {"", {}},
      {"\n", {""}},
      {"a\nbc\n", {"a", "bc"}},
      {"a\nbc", {"a", "bc"}},
      {"\n\na\n\n", {"", "", "a", ""}},
      {"a\r\nb\r\n", {"a\r", "b\r"}},
      {"\xff\xfe\n\x80", {"\xff\xfe", "\x80"}},
      {"a line longer than the buffer\nshort\n", {"a line longer than the buffer", "short"}},
      {"1234567\n12345678\n123456789\n", {"1234567", "12345678", "123456789"}},
  };
  for (const auto& each : cases) {
    const File file(each.content);
    for (const std::size_t buffer : {1, 2, 7, 8, 9, 1000})
      EXPECT_EQ(read_lines(file.handle.get(), 0, LineReader::kNoEnd, 1000, buffer), each.lines)
          << each.content << " with buffer " << buffer;
  }
}

TEST(LineReader, gives_each_line_to_exactly_one_part_of_the_file) {
  const std::string content = "a\n\nbcd\nthe fourth line\n\n\nx\nlast";
  const File file(content);
  const auto all = read_lines(file.handle.get(), 0, content.size());
  EXPECT_EQ(all.size(), 8u);
  for (std::uint64_t first = 0; first <= content.size(); ++first)
    for (std::uint64_t second = first; second <= content.size(); ++second) {
      std::vector<std::string> joined;
      for (const auto& [begin, end] :
           {std::pair{std::uint64_t{0}, first}, {first, second}, {second, std::uint64_t{content.size()}}})
        for (auto& line : read_lines(file.handle.get(), begin, end)) joined.push_back(line);
      EXPECT_EQ(joined, all) << first << " " << second;
    }
}

TEST(LineReader, says_where_a_line_begins_and_finds_it_there_again) {
  const File file("a\nbcd\n\nlast");
  LineReader reader(1000, 4);
  reader.start(file.handle.get(), 0, LineReader::kNoEnd);
  std::vector<std::uint64_t> offsets;
  LineReader::Line line;
  while (reader.next(line) == LineReader::Got::line) {
    offsets.push_back(line.offset);
    std::string again;
    EXPECT_TRUE(read_line_at(file.handle.get(), line.offset, again) || line.text.empty());
    EXPECT_EQ(again, line.text);
  }
  EXPECT_THAT(offsets, ElementsAre(0, 2, 6, 7));
  std::string found;
  EXPECT_FALSE(read_line_at(file.handle.get(), 1, found)) << "no line begins there";
  EXPECT_FALSE(read_line_at(file.handle.get(), 100, found));
}

TEST(LineReader, skips_a_line_above_the_limit_and_goes_on) {
  const File file("ab\n" + std::string(100, 'x') + "\ncd\n");
  EXPECT_THAT(read_lines(file.handle.get(), 0, LineReader::kNoEnd, 20, 8),
              ElementsAre("ab", testing::StartsWith("too long: xxx"), "cd"));
}

TEST(LineReader, holds_an_unterminated_line_until_its_newline_comes) {
  const test::Scratch scratch;
  const FileHandle handle(::open(scratch.write("f", "a\nb").c_str(), O_RDONLY));
  LineReader reader;
  reader.take_unterminated(false);
  reader.start(handle.get(), 0, LineReader::kNoEnd);
  LineReader::Line line;
  EXPECT_EQ(reader.next(line), LineReader::Got::line);
  EXPECT_EQ(reader.next(line), LineReader::Got::end);
  scratch.append("f", "c");
  EXPECT_EQ(reader.next(line), LineReader::Got::end);
  scratch.append("f", "d\ne");
  EXPECT_EQ(reader.next(line), LineReader::Got::line);
  EXPECT_EQ(line.text, "bcd");
  EXPECT_EQ(reader.next(line), LineReader::Got::end);
  EXPECT_EQ(reader.position(), 6u);
  EXPECT_EQ(reader.read_to(), 7u);
}

TEST(LineReader, says_why_a_file_cannot_be_read) {
  const test::Scratch scratch;
  const FileHandle folder(::open(scratch.folder().c_str(), O_RDONLY));
  LineReader reader;
  reader.start(folder.get(), 0, LineReader::kNoEnd);
  LineReader::Line line;
  EXPECT_EQ(reader.next(line), LineReader::Got::failed);
  EXPECT_EQ(reader.error(), EISDIR);
}

}  // namespace
}  // namespace sparse::worker
