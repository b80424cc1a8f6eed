# frozen_string_literal: true

require "json"
require "open3"
require "yaml"

# Task files and requests, given to Rails and to a program in Rust, and the rows that come of them.
module RustTasks
  ROOT = File.expand_path("../..", __dir__)
  PROGRAM = File.join(ROOT, "target/debug/examples/create_tasks")
  # Children before their parents.
  MODELS = [Tasker::WorkflowStepEdge, Tasker::WorkflowStepTransition, Tasker::WorkflowStep, Tasker::TaskTransition, Tasker::TaskAnnotation,
            Tasker::Task, Tasker::NamedTasksNamedStep, Tasker::NamedStep, Tasker::DependentSystem, Tasker::NamedTask,
            Tasker::TaskNamespace].freeze
  # Columns that hold the key of a row, and the table of that row.
  KEYS = { "from_step_id" => "tasker_workflow_steps", "to_step_id" => "tasker_workflow_steps" }
         .merge(MODELS.reject { |model| model.primary_key == "id" }.to_h { |model| [model.primary_key, model.table_name] }).freeze

  # Differ from run to run.
  IGNORED = %w[created_at updated_at].freeze

  # Runs every step of the templates, if it is run.
  class StepHandler < Tasker::StepHandler::Base
    def process(*) = {}
  end

  # The engine's strategy; keeps the text that it takes the digest of.
  class RecordedIdentity < Tasker::HashIdentityStrategy
    attr_reader :text

    def generate_identity_hash(task, options)
      @text = options.to_json
      super
    end
  end

  class << self
    def build
      output, status = Open3.capture2e("cargo", "build", "--quiet", "--example", "create_tasks", chdir: ROOT)
      raise "cargo build failed:\n#{output}" unless status.success?
    end

    # @param files [Array<TaskFile>]
    # @return [Array<Hash>] an answer for each
    def run(files)
      lines = files.map(&:line)
      output, status = Open3.capture2({ "DATABASE_URL" => ENV.fetch("DATABASE_URL") }, PROGRAM, stdin_data: lines.join("\n"))
      raise "#{PROGRAM} failed" unless status.success?

      output.lines.map { |line| JSON.parse(line) }
    end

    def last_ids = MODELS.to_h { |model| [model, model.maximum(model.primary_key) || 0] }

    def remove_rows_after(ids)
      ids.each { |model, id| model.where(model.arel_table[model.primary_key].gt(id)).delete_all }
    end

    # @return [Hash{String => Array<Hash>}] of each table all columns as text, with places among the new rows instead of ids
    def rows_after(ids)
      tables = ids.to_h { |model, id| [model.table_name, texts(model, id)] }
      places = tables.to_h { |table, rows| [table, rows.each_with_index.to_h { |row, place| [row.values.first, place] }] }
      tables.to_h { |table, rows| [table, rows.map { |row| normalized(row, places) }] }
    end

    def random_floats(random, count)
      Array.new(count) { [random.rand(1 << 64)].pack("Q").unpack1("D") }.select(&:finite?)
    end

    private

    # The key comes first.
    def texts(model, id)
      key = model.primary_key
      columns = [key, *(model.column_names - [key])].map { |column| "#{column}::text" }.join(", ")
      table = model.table_name
      model.connection.select_all("SELECT #{columns} FROM #{table} WHERE #{key} > #{id} ORDER BY #{table}.#{key}").to_a
    end

    def normalized(row, places)
      row.drop(1).to_h do |column, value|
        next [column, value.present?] if IGNORED.include?(column)

        [column, KEYS.key?(column) ? places.fetch(KEYS[column]).fetch(value) : value]
      end
    end
  end

  # A random task file with a request.
  class TaskFile
    CONTEXT = '{"batch":%d,"rate":%s,"words":["é","<&>",null],"z":1,"a":{"n":12345678901234567890123}}'
    ALWAYS = %i[name namespace requested_at].freeze
    private_constant :CONTEXT, :ALWAYS

    # @param random [Random]
    # @param index [Integer] distinguishes tasks
    # @param context [String, nil] JSON
    # @param schema [Hash, nil] of contexts
    def initialize(random, index, context: nil, schema: nil)
      @random = random
      @index = index
      @context = context || format(CONTEXT, random.rand(1000), random.rand * (10**random.rand(-20..20)))
      @yaml = file.merge(schema ? { "schema" => schema } : {}).to_yaml
      @request = request
    end

    # @return [String] what the program reads
    def line
      request = @request.merge(requested_at: @request[:requested_at].utc.iso8601(6)).to_json
      request = "#{request.chomp("}")},\"context\":#{@context}}"
      "{\"template\":#{JSON.generate(@yaml)},\"environment\":\"test\",\"identity\":\"hash\",\"request\":#{request}}"
    end

    # @return [String] the text that the identity hash is made of
    def create_in_rails
      strategy = RecordedIdentity.new
      own = Tasker::Task.instance_method(:identity_strategy)
      handler = Tasker::TaskBuilder.new(config: YAML.safe_load(@yaml)).handler_class.new
      request = Tasker::Types::TaskRequest.new(context: JSON.parse(@context), **@request)
      Tasker::Task.define_method(:identity_strategy) { strategy }
      handler.initialize_task!(request)
      strategy.text
    ensure
      Tasker::Task.define_method(:identity_strategy, own)
      Tasker::Task.send(:private, :identity_strategy)
    end

    private

    def request
      given = { name: file_name, namespace: "rust #{@index % 3}", version: "1.#{@index % 2}.0",
                requested_at: Time.utc(2024, 1, 1) + @random.rand(100_000_000) + Rational(@random.rand(1_000_000), 1_000_000),
                initiator: "größer #{@index}", source_system: "rust & rails", reason: "</b>", tags: %w[a ü], bypass_steps: ["step_1"] }
      given.select { |key, _| ALWAYS.include?(key) || @random.rand < 0.7 }
    end

    def file_name = "rust_#{@index % 7}"

    def file
      steps = Array.new(@random.rand(1..12)) { |place| step(place) }
      environments = { "test" => { "step_templates" => [{ "name" => "step_0", "default_retry_limit" => 9 }, { "name" => "nobody" }] } }
      { "name" => file_name, "namespace_name" => "rust", "task_handler_class" => "RustTask#{@index}", "default_dependent_system" => "rust",
        "step_templates" => steps, **(@random.rand < 0.5 ? { "environments" => environments } : {}) }
    end

    def step(place)
      parents = Array.new(place) { |earlier| "step_#{earlier}" }.sample(@random.rand(0..3), random: @random)
      optional = { "dependent_system" => "rust #{@random.rand(3)}", "default_retryable" => @random.rand < 0.5,
                   "default_retry_limit" => @random.rand(0..7), "skippable" => @random.rand < 0.5, "description" => "Does it",
                   "depends_on_step" => parents.first, "depends_on_steps" => parents.drop(1) }
      chosen = optional.select { |key, value| key.start_with?("depends") ? value.present? : @random.rand < 0.5 }
      { "name" => "step_#{place}", "handler_class" => "RustTasks::StepHandler", **chosen }
    end
  end
end
