#include "common/base/shared.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace anlan {
namespace {

struct Whole {
  std::string name;
  std::vector<int> numbers;
  bool operator==(const Whole&) const = default;
};

TEST(Shared, ACopyIsTheSameValueAtTheSamePlace) {
  const Shared<Whole> one = Whole{"a", {1, 2}};
  const Shared<Whole> two = one;
  EXPECT_EQ(&*one, &*two);
  EXPECT_EQ(one, two);
}

TEST(Shared, IsComparedByWhatItHolds) {
  EXPECT_EQ(Shared<Whole>(Whole{"a", {1}}), Shared<Whole>(Whole{"a", {1}}));
  EXPECT_FALSE(Shared<Whole>(Whole{"a", {1}}) == Shared<Whole>(Whole{"a", {2}}));
  EXPECT_EQ(Shared<Whole>(), Shared<Whole>(Whole{}));
}

TEST(Shared, AnEditIsSeenByNoOtherHolder) {
  Shared<Whole> one = Whole{"a", {1}};
  const Whole* const before = &*one;
  one.edit().numbers.push_back(2);
  EXPECT_EQ(&*one, before) << "nobody else holds it: changed where it is";
  const Shared<Whole> two = one;
  one.edit().name = "b";
  EXPECT_EQ(two->name, "a");
  EXPECT_EQ(one->name, "b");
  EXPECT_EQ(one->numbers, two->numbers);
}

TEST(Shared, APartKeepsTheWhole) {
  Shared<std::vector<int>> part;
  const std::vector<int>* where = nullptr;
  {
    const Shared<Whole> whole = Whole{"a", {1, 2, 3}};
    part = whole.part(&Whole::numbers);
    where = &whole->numbers;
  }
  EXPECT_EQ(&*part, where);
  EXPECT_EQ(*part, (std::vector{1, 2, 3}));
}

TEST(Shared, AnEditOfAPartLeavesTheWholeAlone) {
  const Shared<Whole> whole = Whole{"a", {1}};
  Shared<std::vector<int>> part = whole.part(&Whole::numbers);
  part.edit().clear();
  EXPECT_EQ(whole->numbers, std::vector{1});
}

}  // namespace
}  // namespace anlan
