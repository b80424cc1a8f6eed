# frozen_string_literal: true

require_relative "../core/program"

module Bench
  # What `rake bench:worker` measures and writes. The program is a package of its own, so that the peer is no dependency of the crate.
  module WorkerSection
    MANIFEST = File.expand_path("Cargo.toml", __dir__)
    TARGET = File.expand_path("../../target/worker-bench", __dir__)
    INSERT = "insert of one row"
    # Ways of one worker process, each with the least ratio to a durable insert.
    WAYS = { "singly" => 0.4, "a wave at a time" => 0.7, "across tasks" => 2.0 }.freeze
    # Our case beside that of the peer, which is to be half as fast at the most.
    PEERS = {
      "chain of 50" => ["peer: chain of 50"],
      "1,000 steps of one task" => ["peer: 1,000 jobs", "peer: 1,000 jobs, local queue"],
      "1,000 tasks of one step" => ["peer: 1,000 jobs", "peer: 1,000 jobs, local queue"]
    }.freeze
    TEXT = "One process of `worker::Worker` with handlers that do nothing, from its first look for tasks to the end of the last " \
           "one; each claim, each end of a step and each end of a task is committed to disk (with `synchronous_commit` or `fsync` " \
           "off the bench refuses). *Singly*: chains of 50 over one connection, one after the other. *A wave at a time*: ten " \
           "layers of ten steps, one task at a time, one connection. *Across tasks*: tasks of ten layers of three, 32 at a time " \
           "over eight connections. The insert of one row is over one connection. The peer is `graphile_worker` with its defaults " \
           "and 32 jobs at a time: in a chain each job adds the next one."
    private_constant :MANIFEST, :TARGET, :TEXT

    class << self
      # @return [Program] after it has run
      def run(url, options)
        profile = options.tiny ? [] : ["--release"]
        arguments = [*("--tiny" if options.tiny), *(["--rounds", options.rounds.to_s] if options.rounds)]
        command = ["cargo", "run", "--quiet", "--locked", *profile, "--manifest-path", MANIFEST, "--", *arguments]
        output, status = Open3.capture2({ "DATABASE_URL" => url, "CARGO_TARGET_DIR" => TARGET }, *command)
        abort "bench: `#{command.join(" ")}` failed" unless status.success?

        Program.new(JSON.parse(output))
      end

      # @param program [Program]
      # @return [Array<String>] paragraphs and tables
      def parts(program)
        rate = ->(name) { program.of(name).values.first.rate }
        [TEXT, ways(rate), "Jobs or steps a second, beside the peer:", peers(rate), processes(rate)]
      end

      private

      def ways(rate)
        inserts = rate.call(INSERT)
        rows = WAYS.map { |name, least| [name, rate.call(name), Samples.ratio(rate.call(name), inserts), "#{least}×"] }
        Markdown.table(["", "a second", "per insert", "at least"], [[INSERT, inserts, "", ""], *rows])
      end

      def peers(rate)
        rows = PEERS.flat_map do |own, others|
          others.map { |other| [own, rate.call(own), other, rate.call(other), Samples.ratio(rate.call(own), rate.call(other))] }
        end
        Markdown.table(["", "a second", "peer", "a second", "ratio (at least 2×)"], rows)
      end

      def processes(rate)
        one, four = ["1 process", "4 processes"].map { |name| rate.call(name) }
        "Chains of ten in 1 process: #{one} steps a second; in 4 processes: #{four}, **#{Samples.ratio(four, one)}** (at least 1.6× " \
          "while cores are free)."
      end
    end
  end
end
