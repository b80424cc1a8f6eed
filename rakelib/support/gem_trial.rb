# frozen_string_literal: true

require "open3"

# Runs programs as a user's shell would, without this project's bundle, and tries an installed gem.
module GemTrial
  Result = Data.define(:output, :passed)
  # A workflow of two steps is drawn: Ruby's objects go in, the core computes, and text comes out. The gem's dependencies are not there.
  SCRIPT = <<~'RUBY'
    require "tasker_core/version"
    require "tasker_core/errors"
    require "tasker_core/extension"
    TaskerCore::Extension.require!
    print RUBY_VERSION, " ", TaskerCore::Native.template_drawing("trial", %w[a b], [[], [0]]).dot.scan(/s\d -> s\d/).first
  RUBY
  # Variables of this project's bundle and of a cargo that runs it.
  FOREIGN = /\A(BUNDLE|RUBYOPT|RUBYLIB|GEM_|LD_|CARGO\z|RUSTC\z)/
  private_constant :SCRIPT, :FOREIGN

  module_function

  # @param environment [Hash{String => String, nil}]
  # @return [Result]
  def run(environment, *command, chdir:)
    output, status = Open3.capture2e({ **ENV.keys.grep(FOREIGN).to_h { |name| [name, nil] }, **environment }, *command, chdir:)
    Result.new(output, status.success?)
  end

  # @param ruby [String] the path of its program
  # @param home [String] the folder in which the gem is installed
  # @return [Result]
  def install(package, ruby, home, environment, *arguments)
    run(environment, ruby, File.join(File.dirname(ruby), "gem"), "install", "--local", "--ignore-dependencies", "--no-document",
        "--install-dir", home, package, *arguments, chdir: home)
  end

  # @return [Result] with the version of Ruby and what the core has drawn
  def load(ruby, home, environment)
    lib, = Dir.glob("gems/tasker-core-*/lib", base: home)
    return Result.new("expected the gem in #{home}, got none", false) unless lib

    run(environment, ruby, "-I", File.join(home, lib), "-e", SCRIPT, chdir: home)
  end

  # Prints how an installation ended, and its seconds.
  # @param result [String]
  # @yieldreturn [String] its name
  def timed(result)
    from = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    name = yield
    seconds = Process.clock_gettime(Process::CLOCK_MONOTONIC) - from
    puts format("%<seconds>5.1f s  %<result>-22s %<name>s", seconds:, result:, name:)
  end
end
