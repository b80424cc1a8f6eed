# frozen_string_literal: true

require "fileutils"
require "rake"

# An extension for a processor that is not this machine's.
module Cross
  PLATFORM = "aarch64-linux-gnu"
  TARGET = "aarch64-unknown-linux-gnu"
  # What the release of Debian in bin/support/cross.sh has.
  RUBY = "3.3"
  ENSURE = "set -euo pipefail; . bin/support/common.sh; . bin/support/packages.sh; . bin/support/cross.sh; ensure_cross"
  private_constant :ENSURE

  module_function

  # @return [String] the path of `ruby`, which runs in an emulator, or of `ruby-config`
  def program(name) = File.expand_path("tmp/cross/bin/#{name}")

  # The bundle of this project is none of another Ruby.
  # @return [String] the path of the extension
  def compile
    Bundler.with_unbundled_env do
      sh("bash", "-c", ENSURE, verbose: false)
      sh({ "RUBY" => program("ruby-config"), "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER" => "aarch64-linux-gnu-gcc" },
         "cargo", "build", "--release", "--locked", "--package", "tasker_core_rb", "--target", TARGET)
    end
    "tmp/native/#{PLATFORM}-#{RUBY}.so".tap do |library|
      FileUtils.mkdir_p("tmp/native")
      FileUtils.cp(File.join(ENV.fetch("CARGO_TARGET_DIR", "target"), TARGET, "release/libtasker_core_rb.so"), library)
    end
  end

  extend Rake::DSL
end
