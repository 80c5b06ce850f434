#include "tests/plant/identity.hpp"

#include <algorithm>
#include <map>

namespace anlan::plant {
namespace {

constexpr std::size_t kMost = 253, kHead = 7;
constexpr int kOneObject = 4, kMostObjects = 3;
constexpr std::uint8_t kConformity = 0x82;  // regular, single objects too

}  // namespace

Answer identify(const Identity& identity, const Request& request) {
  if (identity == Identity{}) return Answer::refuse(illegal_function);
  const int read = request.count;
  if (read < 1 || read > kOneObject) return Answer::refuse(illegal_value);
  std::map<int, std::string> objects{{0, identity.vendor}, {1, identity.product}, {2, identity.revision}};
  if (read > 1 && !identity.model.empty()) objects[5] = identity.model;
  auto object = objects.find(request.address);
  if (object == objects.end()) {
    if (read == kOneObject) return Answer::refuse(illegal_address);
    object = objects.begin();  // §6.21: an unknown beginning is the beginning
  }
  Answer answer;
  answer.pdu = {43, 14, static_cast<std::uint8_t>(read), kConformity, 0, 0, 0};
  for (; object != objects.end(); ++object) {
    const auto& [number, text] = *object;
    const bool fits = answer.pdu.size() + 2 + text.size() <= kMost && answer.pdu[kHead - 1] < kMostObjects;
    if (!fits) {
      answer.pdu[4] = 0xFF;
      answer.pdu[5] = static_cast<std::uint8_t>(number);
      break;
    }
    answer.pdu.insert(answer.pdu.end(), {static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(text.size())});
    answer.pdu.insert(answer.pdu.end(), text.begin(), text.end());
    ++answer.pdu[kHead - 1];
    if (read == kOneObject) break;
  }
  return answer;
}

}  // namespace anlan::plant
