# frozen_string_literal: true

require "tmpdir"
require_relative "support/cross"
require_relative "support/install_cases"
require_relative "support/native_gem"

# Rubies for which the gem is compiled beforehand, found as bin/setup finds them.
module Rubies
  VERSIONS = ENV.fetch("TASKER_CORE_RUBIES", "3.3 3.4").split
  FIND = <<~BASH
    set -euo pipefail
    . bin/support/common.sh; . bin/support/packages.sh; . bin/support/toolchains.sh
    RESOURCES=$(resources_folder)
    ensure_ruby >&2
    printf %s "$RUBY"
  BASH
  private_constant :FIND

  module_function

  # The bundle of this project is none of another Ruby.
  # @return [String] the path of its program
  def find(version)
    ruby, status = Bundler.with_unbundled_env { Open3.capture2({ "TASKER_CORE_RUBY" => version }, "bash", "-c", FIND) }
    abort unless status.success?
    ruby
  end

  # @return [String] the path of the extension that is compiled for it
  def compile(version)
    Bundler.with_unbundled_env do
      sh({ "RUBY" => find(version) }, "cargo", "build", "--release", "--locked", "--package", "tasker_core_rb")
    end
    "tmp/native/#{version}.so".tap do |library|
      FileUtils.mkdir_p("tmp/native")
      FileUtils.cp(File.join(ENV.fetch("CARGO_TARGET_DIR", "target"), "release/libtasker_core_rb.so"), library)
    end
  end

  extend Rake::DSL
end

namespace :gem do
  desc "Build the gem with the compiled extension for every Ruby at hand into pkg/ (TASKER_CORE_RUBIES=\"3.3 3.4\")"
  task :native do
    package = NativeGem.new(Rubies::VERSIONS.to_h { |version| [version, Rubies.compile(version)] }).build("pkg")
    puts "#{package}: Ruby #{Rubies::VERSIONS.join(" and ")}, glibc #{NativeGem::GLIBC} or newer"
  end

  desc "Build the gem for aarch64 Linux with a cross compiler into pkg/, and try it in an emulator (fetches both from Debian)"
  task :cross do
    package = NativeGem.new({ Cross::RUBY => Cross.compile }, platform: Cross::PLATFORM).build("pkg")
    GemTrial.timed("emulated") { "Ruby #{NativeGem.try(File.expand_path(package), Cross.program("ruby"))}, #{package}" }
  end

  desc "Install the gem in each circumstance that matters, compiled beforehand and from source"
  task check: %w[check:native check:source check:path]

  namespace :check do
    desc "Install the compiled gem on each of its Rubies, without cargo, clang and a C compiler, and try it"
    task native: "gem:native" do
      package, = Dir["pkg/tasker-core-*-#{NativeGem::PLATFORM}.gem"].max_by { |file| File.mtime(file) }
      Rubies::VERSIONS.each do |version|
        GemTrial.timed("compiled beforehand") { "Ruby #{NativeGem.try(File.expand_path(package), Rubies.find(version))}" }
      end
    end

    desc "Boot an application whose Gemfile has the gem with path:, which nobody has compiled"
    task :path do
      GemTrial.timed("refused, with the cure") do
        with_database("tasker_core_chosen") do |environment|
          sh(environment.merge("RAILS_ENV" => "test"),
             "bundle exec rspec spec/integration/extension_spec.rb --example 'says what is missing'")
        end
        "a gem with path:, not compiled"
      end
    end

    desc "Install the gem from source where it is compiled, and where it is refused with the cure (CASES=quick, or a part of a name)"
    task :source do
      Dir.mktmpdir do |folder|
        package = File.join(folder, "tasker-core.gem")
        InstallCases.build(package)
        cases = InstallCases.new(package, File.expand_path("tmp/install"))
        InstallCases.chosen(ENV.fetch("CASES", "")).each do |one|
          GemTrial.timed(one.expected ? "refused, with the cure" : "compiled") do
            cases.check(one).name
          end
        end
      end
    end
  end
end
