# frozen_string_literal: true

require "fileutils"
require "io/wait"
require "json"
require "rbconfig"
require "socket"

module Demo
  # A process that holds the Rails application in one mode and does what it is asked, one thing at a time.
  class Worker
    # Something that the process could not do; says what and shows its error output.
    class Failure < StandardError; end

    PROGRAM = File.expand_path("worker/main.rb", __dir__)
    # Many times what the engine needs for a large shape. It never ends if no step of a task can begin: it just tries again.
    SECONDS_TO_ANSWER = 600
    private_constant :PROGRAM, :SECONDS_TO_ANSWER

    # @return [String] "off" or "on"
    attr_reader :mode

    # @return [String] the name of its database, which is also its own
    attr_reader :name

    # @return [Hash] what the application says about itself
    attr_reader :environment

    # @param name [String]
    # @param mode [String] "off" or "on"
    # @param server [Server]
    # @param folder [String] for its log and its error output
    # @param label [String] what these are called, where several processes share a database
    def initialize(name:, mode:, server:, folder:, label: name)
      @name = name
      @mode = mode
      @server = server
      # The faults that they fix would show as differences.
      @repairs = "off"
      @warm = []
      @log = File.join(folder, "#{label}.log")
      @errors = File.join(folder, "#{label}.err")
    end

    # Leaves the repairs as they are in any application.
    # @return [Worker] itself, before its start
    def with_repairs = tap { @repairs = nil }

    # Begins the process. It boots while others do.
    def start
      FileUtils.rm_f(@log)
      @socket, theirs = UNIXSocket.pair
      @pid = spawn(variables, RbConfig.ruby, PROGRAM, "3", @log, 3 => theirs, %i[out err] => [@errors, "w"])
      theirs.close
    end

    # Waits until the application has booted.
    def wait_until_ready
      @environment = ask("introduce")
      return if @environment["active"] == (mode == "on")

      fail_with("expected tasker-core to be #{mode}, got #{@environment["problem"] || "the opposite"}")
    end

    # @param command [String] one of the worker's
    # @param arguments [Hash] for it
    # @return [Object] its answer, as JSON knows it
    # @raise [Failure]
    def ask(command, **arguments)
      asked = [command, *arguments.map { |name, value| "#{name}: #{value}" }].join(" ")
      @socket.puts(JSON.generate([command, arguments]))
      answer = answer_to(asked)
      return answer["value"] if answer.key?("value")

      fail_with("could not `#{asked}`: #{answer["error"]}")
    rescue Errno::EPIPE, Errno::ECONNRESET
      fail_with("the process ended before `#{asked}`")
    end

    # Makes names, classes and connections warm by tasks of that shape, once. A large one is only created: the engine takes seconds
    # to run it, and its classes are those of every other shape.
    # @param shape [Shapes::Shape]
    # @param tasks [Integer]
    # @param reading [String, nil] what the handlers read of their sequence
    def warm_up(shape, tasks: 1, reading: nil)
      return if @warm.include?([shape.name, reading])

      ask("warm_up", shape: shape.name, run: !Measurement.large?(shape), tasks:, reading:)
      @warm << [shape.name, reading]
    end

    # @return [EndState] a reader of its database, past the application
    def end_state
      @end_state ||= EndState.new(@connection = @server.connect(name))
    end

    # Ends the process, which can also be in the middle of something.
    def stop
      @connection&.close
      return unless @pid

      @socket.close
      Process.kill(:TERM, @pid)
      Process.wait(@pid)
    rescue Errno::ESRCH, Errno::ECHILD
      nil
    end

    private

    def answer_to(asked)
      unless @socket.wait_readable(SECONDS_TO_ANSWER)
        fail_with("`#{asked}`: expected an answer within #{SECONDS_TO_ANSWER} s, got none (see #{@log})")
      end

      line = @socket.gets or fail_with("the process ended in `#{asked}`")
      JSON.parse(line)
    end

    def variables
      {
        "TASKER_CORE" => mode, "TASKER_CORE_REPAIRS" => @repairs, "DATABASE_URL" => @server.url(name), "RAILS_ENV" => "production",
        "DUMMY_LOG" => nil, "DUMMY_LOG_LEVEL" => "info", "DATABASE_POOL" => nil
      }
    end

    def fail_with(reason)
      shown = File.file?(@errors) ? File.read(@errors).lines.last(40).join : ""
      raise Failure, "#{name}: #{reason}#{"\nits error output (#{@errors}):\n#{shown}" unless shown.empty?}"
    end
  end
end
