# frozen_string_literal: true

require "fileutils"
require "json"
require "open3"
require "pg"
require "timeout"
require "tmpdir"
require "uri"

# A production application as `rails new` makes it, with the engine installed as its documentation says, and databases of its own.
class GeneratedApplication
  ENGINE = 'gem "tasker-engine", require: "tasker"'
  CORE = %(gem "tasker-core", path: "#{File.expand_path("../..", __dir__)}").freeze
  SOLID_QUEUE = 'gem "solid_queue"'
  # What is left out is either not the engine's business or not needed to run.
  SKIPPED = %w[bundle bootsnap brakeman rubocop git docker ci test].map { |part| "--skip-#{part}" }.freeze
  DATABASES = %w[primary queue].freeze
  PATIENCE = 240 # seconds; on a busy machine a process boots in 20

  Result = Data.define(:output, :success?) do
    # @return [Object] what the script has printed with {GeneratedApplication.answer}
    def answer = JSON.parse(output[/^answer: (.*)$/, 1] || raise("no answer in:\n#{output}"))
  end

  # A workflow of three steps, where the engine looks for them.
  #
  # @param name [String]
  # @param say [String] Ruby for what a step does
  def self.handler(name, say)
    <<~RUBY
      class #{name.camelize}Handler
        include Tasker::TaskHandler

        class Say < Tasker::StepHandler::Base
          def process(_task, _sequence, step)
            #{say}
          end
        end

        register_handler("#{name}", namespace_name: "hall", version: "1.0.0")
        define_step_templates do |templates|
          { "hello" => [], "welcome" => %w[hello], "goodbye" => %w[hello welcome] }.each do |name, parents|
            templates.define(name:, dependent_system: "hall", depends_on_steps: parents, handler_class: Say)
          end
        end

        # Creates a task; the engine hands it to Active Job.
        def self.start
          request = Tasker::Types::TaskRequest.new(name: "#{name}", namespace: "hall", version: "1.0.0", context: { "for" => "you" })
          Tasker::HandlerFactory.instance.get("#{name}", namespace_name: "hall", version: "1.0.0").initialize_task!(request)
        end
      end
    RUBY
  end

  # One whose steps succeed, and one whose second step fails twice before.
  HANDLERS = {
    "greeting" => '{ "said" => step.name }',
    "stuttering" => <<~RUBY
      failures = step.workflow_step_transitions.where(to_state: "error").count
      step.name == "welcome" && failures < 2 ? raise("w-w-w") : { "said" => step.name }
    RUBY
  }.freeze

  # Each worker of Solid Queue leaves there how often which method was answered by whom.
  ANSWERS = <<~RUBY
    if defined?(SolidQueue) && defined?(TaskerCore)
      answers = Rails.root.join("tmp/answers")
      SolidQueue.on_worker_exit { answers.tap(&:mkpath).join("\#{Process.pid}.json").write(TaskerCore.stats.to_json) }
    end
  RUBY

  # Ruby that answers with a task's end.
  # @param task [String] Ruby for the task
  def self.answer(task)
    <<~RUBY
      Tasker::ApplicationRecord.uncached do
        task = #{task}
        core = { active: TaskerCore.active?, stats: TaskerCore.stats } if defined?(TaskerCore)
        steps = task.workflow_steps.to_h { |step| [step.name, step.results.to_h["said"]] }
        attempts = task.workflow_steps.to_h { |step| [step.name, step.attempts] }
        histories = task.workflow_steps.to_h { |step| [step.name, step.workflow_step_transitions.order(:sort_key).pluck(:to_state)] }
        adapter = ActiveJob::Base.queue_adapter_name
        puts "answer: " + { status: task.status, steps:, attempts:, histories:, adapter:, **core.to_h }.to_json
      end
    RUBY
  end

  # Ruby that starts a task, waits until it is complete, and answers with its end.
  # @param task [String] Ruby for the task
  # @param seconds [Numeric] to wait at the most
  def self.answer_when_complete(task, seconds)
    <<~RUBY
      started = #{task}
      clock = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) }
      finish = clock.call + #{seconds}
      state = -> { Tasker::ApplicationRecord.uncached { Tasker::Task.find(started.task_id).status } }
      sleep 0.1 until state.call == "complete" || clock.call > finish
      #{answer("Tasker::Task.find(started.task_id)")}
    RUBY
  end

  # Makes one, and removes it.
  def self.within
    Dir.mktmpdir do |folder|
      application = new(File.join(folder, "hall"))
      application.generate
      yield application
    ensure
      application&.drop_databases
    end
  end

  def initialize(folder)
    @folder = folder
  end

  def generate
    drop_databases
    good(shell("bundle", "exec", "rails", "new", @folder, "--quiet", "--api", "--database=postgresql", *SKIPPED,
               gemfile: ENV.fetch("BUNDLE_GEMFILE"), chdir: __dir__))
    write("config/database.yml", database_yml)
    HANDLERS.each { |name, say| write("app/tasks/#{name}_handler.rb", GeneratedApplication.handler(name, say)) }
    write("config/initializers/answers.rb", ANSWERS)
    gems(ENGINE)
  end

  # The engine's installation, as documented.
  def install_engine
    rails!("db:create")
    rails!("tasker:install:migrations")
    rails!("tasker:install:database_objects", input: "y\n")
    rails!("db:migrate:primary")
  end

  # Solid Queue's, as documented for applications whose schema is SQL: by a migration.
  def install_solid_queue
    rails!("generate", "solid_queue:install")
    tables = File.read(path("db/queue_schema.rb"))[/^ActiveRecord::Schema.*? do$(.*)^end$/m, 1]
    write("db/queue_migrate/1_create_solid_queue.rb", <<~RUBY)
      class CreateSolidQueue < ActiveRecord::Migration[7.2]
        def change
          #{tables}
        end
      end
    RUBY
    FileUtils.rm(path("db/queue_schema.rb"))
    rails!("db:migrate:queue")
  end

  # Gives the application these gems beside Rails' own. They are those that are installed; nothing is fetched.
  def gems(*lines)
    write("Gemfile", <<~GEMFILE)
      source Gem::DEFAULT_HOST
      gem "rails", "~> 7.2.4"
      gem "pg", "~> 1.1"
      gem "puma", ">= 5.0"
      #{'gem "csv"' if RUBY_VERSION >= "3.4"} # the engine requires it
      #{lines.join("\n")}
    GEMFILE
    FileUtils.rm_f(path("Gemfile.lock"))
  end

  # @return [Result] of `bin/rails` with these arguments
  def rails(*, **) = shell("bin/rails", *, **)

  # @return [Result] of a script, run inside the application
  def runner(script, **) = rails("runner", script, **)

  # Runs `bin/jobs` until the last tasks are complete and a line is logged, and ends it as an operator does.
  # @param tasks [Integer] how many of them
  def work_off(tasks, until_line)
    FileUtils.rm_rf(path("tmp/answers"))
    command = [RbConfig.ruby, "-e", "$stdout.sync = true; load ARGV.shift", "bin/jobs"]
    Open3.popen2e(environment({}), *command, chdir: @folder) do |_input, output, process|
      seen = +""
      Timeout.timeout(PATIENCE) do
        output.each_line { |line| break if seen.concat(line) && line.match?(until_line) && complete?(tasks) }
      end
      Process.kill(:TERM, process.pid)
      seen << output.read
      Result.new(output: seen, success?: process.value.success?)
    ensure
      Process.kill(:KILL, process.pid) if process.alive?
    end
  end

  # @return [Array<Hash>] of each worker of `work_off`, what `TaskerCore.stats` was at its end
  def answers = Dir[path("tmp/answers/*.json")].map { |file| JSON.parse(File.read(file)) }

  def drop_databases
    DATABASES.each { |role| maintenance.exec("DROP DATABASE IF EXISTS #{SideDatabase.name(role)} WITH (FORCE)") }
  end

  # @param name [String] below the application's folder
  def path(name) = File.join(@folder, name)

  private

  def complete?(tasks)
    states = PG.connect(url("primary")) do |primary|
      primary.exec("SELECT complete FROM tasker_tasks ORDER BY task_id DESC LIMIT #{tasks}").column_values(0)
    end
    states == ["t"] * tasks
  end

  def rails!(*, **) = good(rails(*, **))

  def shell(*command, env: {}, input: "", gemfile: path("Gemfile"), chdir: @folder)
    output, status = Open3.capture2e(environment(env, gemfile), *command, stdin_data: input, chdir:)
    Result.new(output: "$ #{command.join(" ")}\n#{output}", success?: status.success?)
  end

  def good(result)
    result.success? ? result : raise("failed: #{result.output}")
  end

  def environment(env, gemfile = path("Gemfile"))
    { "BUNDLE_GEMFILE" => gemfile, "RUBYOPT" => nil, "RUBYLIB" => nil, "BUNDLER_SETUP" => nil,
      "RAILS_ENV" => "production", "DATABASE_URL" => nil, "SECRET_KEY_BASE" => "hall" * 16, **env }
  end

  # As `rails new` writes it, but for the server and the second database.
  def database_yml
    { "production" => DATABASES.to_h do |role|
      [role, { "adapter" => "postgresql", "pool" => 5, "url" => url(role), "migrations_paths" => migrations(role) }.compact]
    end }.to_yaml
  end

  def migrations(role) = role == "queue" ? "db/queue_migrate" : nil
  def url(role) = SideDatabase.url(role)

  def maintenance
    @maintenance ||= PG.connect(ENV.fetch("DATABASE_URL")).tap { |server| server.set_notice_processor { |_notice| nil } }
  end

  def write(name, content)
    FileUtils.mkdir_p(File.dirname(path(name)))
    File.write(path(name), content)
  end
end
