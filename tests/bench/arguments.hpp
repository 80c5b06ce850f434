// The arguments of the benchmarks' programs: --name value, --name alone. An unknown or missing one ends the program
// with exit 2 and says so.
#pragma once

#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>

namespace anlan::bench {

class Arguments {
 public:
  Arguments(int argc, char** argv) : program_(argv[0]) {
    for (int i = 1; i < argc; ++i) {
      const std::string name = argv[i];
      if (!name.starts_with("--")) wrong("'" + name + "' is no --name");
      const bool valued = i + 1 < argc && !std::string_view(argv[i + 1]).starts_with("--");
      values_[name.substr(2)] = valued ? argv[++i] : "";
    }
  }

  bool flag(const std::string& name) {
    asked_.insert(name);
    return values_.contains(name);
  }
  std::string text(const std::string& name, const std::string& otherwise) {
    return flag(name) ? values_[name] : otherwise;
  }
  std::string text(const std::string& name) {
    if (!flag(name)) wrong("--" + name + " is missing");
    return values_[name];
  }
  long number(const std::string& name, long otherwise) { return flag(name) ? to_number(name) : otherwise; }
  long number(const std::string& name) { return text(name), to_number(name); }

  /// Call when all were asked for.
  void end() const {
    for (const auto& [name, value] : values_)
      if (!asked_.contains(name)) wrong("--" + name + " is not known");
  }

 private:
  long to_number(const std::string& name) {
    char* rest = nullptr;
    const long number = std::strtol(values_[name].c_str(), &rest, 10);
    if (values_[name].empty() || *rest != '\0') wrong("--" + name + " is '" + values_[name] + "', no whole number");
    return number;
  }
  [[noreturn]] void wrong(const std::string& what) const {
    std::cerr << program_ << ": " << what << "\n";
    std::exit(2);
  }

  std::string program_;
  std::map<std::string, std::string> values_;
  std::set<std::string> asked_;
};

}  // namespace anlan::bench
