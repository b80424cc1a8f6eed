# frozen_string_literal: true

require "bundler"
require "json"
require "open3"
require "tmpdir"

# Processes of their own: the dummy application under another Gemfile, with another environment or another copy of the gem.
module ChildProcess
  ROOT = File.expand_path("../..", __dir__)
  Result = Data.define(:output, :errors, :status) do
    # @return [Object] the last line of the output, which the script has printed as JSON
    def answer = JSON.parse(output.lines.last || "null")
  end

  # @param script [String] Ruby, run inside the booted dummy application
  # @param gemfile [String] a path
  # @return [Result]
  def run_in_dummy(script, gemfile: ENV.fetch("BUNDLE_GEMFILE"), env: {})
    run_child(File.join(ROOT, "spec/dummy/bin/rails"), "runner", script, gemfile:, env:)
  end

  # @raise [RuntimeError] unless it ends well
  def run_child(*command, **)
    try_child(*command, **).tap do |result|
      raise "#{command.first(2).join(" ")} failed:\n#{result.output}#{result.errors}" unless result.status.success?
    end
  end

  # @return [Result] however it ends
  def try_child(*command, gemfile:, env: {}, folder: ".")
    environment = { "BUNDLE_GEMFILE" => gemfile, "RAILS_ENV" => "test", "RUBYOPT" => nil, "RUBYLIB" => nil, "BUNDLER_SETUP" => nil, **env }
    output, errors, status = Open3.capture3(environment, *command, chdir: File.join(ROOT, folder))
    Result.new(output:, errors:, status:)
  end

  # Runs named jobs and gives their results by name. The first one runs alone, since two applications that register a workflow for the first
  # time at once can collide in the engine; then two at a time.
  #
  # @param jobs [Hash{Object => Proc}, Array<(Object, Proc)>]
  def two_at_a_time(jobs)
    (first, job), *others = jobs.to_a
    waiting = Queue.new(others).close
    results = Concurrent::Map.new
    results[first] = job.call
    runners = Array.new(2) do
      Thread.new { while (name, job = waiting.pop) do results[name] = job.call end }
    end
    runners.each(&:join)
    jobs.to_h { |name, _| [name, results[name]] }
  end

  # Writes a Gemfile of the dummy application; the gems are those that are installed.
  #
  # @param lines [Array<String>] the engine's and the gem's
  def with_gemfile(*lines)
    Dir.mktmpdir do |folder|
      path = File.join(folder, "Gemfile")
      File.write(path, <<~GEMFILE)
        source Gem::DEFAULT_HOST
        #{lines.join("\n")}
        gem "connection_pool", "~> 2.5"
        gem "json", "~> 2.12"
        gem "minitest", "~> 5.25"
        gem "rails", "~> 7.2.2", require: false
        #{'gem "csv", require: false' if RUBY_VERSION >= "3.4"} # the engine requires it
      GEMFILE
      yield path
    end
  end

  # Copies the gem's Ruby code and its extension.
  def with_copy_of_the_gem
    Dir.mktmpdir do |folder|
      FileUtils.cp_r(%w[lib tasker-core.gemspec].map { |name| File.join(ROOT, name) }, folder)
      yield folder
    end
  end
end
