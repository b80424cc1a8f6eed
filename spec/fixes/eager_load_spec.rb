# frozen_string_literal: true

require_relative "../rails_helper"

# What is loaded eagerly is loaded once: each case is a process of its own. An application in production is in production_spec.rb.
RSpec.describe TaskerCore::Fixes::EagerLoad do
  engine = 'gem "tasker-engine", require: "tasker"'
  core = %(gem "tasker-core", path: "#{ChildProcess::ROOT}")

  script = <<~RUBY
    fault = begin
      Zeitwerk::Loader.eager_load_all
      nil
    rescue StandardError, LoadError => e
      "\#{e.class}: \#{e.message.lines.first.strip}"
    end
    seen = unless fault
      { csv: $LOADED_FEATURES.grep(/tasker.+csv_exporter/).any?,
        missing: Rails.autoloaders.main.all_expected_cpaths.values.reject { |name| Object.const_defined?(name) },
        types: [Tasker::Mutations::CreateTask.name, Tasker::GraphQLTypes::TaskType.name],
        errors: [Tasker::Error, Tasker::Authentication::InterfaceError, Tasker::Authorization::UnauthorizedError].map(&:name),
        exporter: Tasker::Telemetry::Plugins::CsvExporter.name }
    end
    schema = Tasker::TaskerRailsSchema.to_definition.size
    order = Rails.application.initializers.tsort.map { |initializer| "\#{initializer.context_class} \#{initializer.name}" }
    puts JSON.generate({ fault:, schema:, order:, **seen.to_h })
  RUBY

  one_by_one = <<~RUBY
    %w[Tasker::Queries::OneStep Tasker::Mutations::CreateTask Tasker::TaskerRailsSchema].rotate(ENV["FIRST"].to_i).each(&:constantize)
    puts JSON.generate(Tasker::TaskerRailsSchema.to_definition.size)
  RUBY

  before(:context) do
    run = lambda do |lines, env = {}, code = script|
      with_gemfile(*lines) { |gemfile| run_in_dummy(code, gemfile:, env: { "RUBYOPT" => "-W0", **env }).answer }
    end
    @answers = two_at_a_time(
      [[:without, -> { run.call([engine]) }], [:repair_off, -> { run.call([engine, core], "TASKER_CORE_REPAIRS" => "off") }],
       [:on, -> { run.call([engine, core]) }], [:gem_first, -> { run.call([core, engine]) }],
       [:off, -> { run.call([engine, core], "TASKER_CORE" => "off") }],
       *Array.new(3) { |first| [first, -> { run.call([engine, core], { "FIRST" => first.to_s }, one_by_one) }] }]
    )
  end

  def answer(name) = @answers.fetch(name)

  %i[without repair_off].each do |name|
    it "#{name} cannot load the engine" do
      expect(answer(name)["fault"]).to match(/NameError.*(GraphQLTypes|GraphQlTypes|Errors|Generators)/)
    end
  end

  # An application that is loaded eagerly must boot with the gem switched off, too.
  %i[on gem_first off].each do |name|
    it "#{name} loads every file that the autoloader is in charge of" do
      expect(answer(name)).to include("fault" => nil, "missing" => [])
    end

    it "#{name} loses nothing of the engine" do
      expect(answer(name)).to include(
        "types" => %w[Tasker::Mutations::CreateTask Tasker::GraphQLTypes::TaskType],
        "errors" => %w[Tasker::Error Tasker::Authentication::InterfaceError Tasker::Authorization::UnauthorizedError]
      )
      expect(answer(name)["schema"]).to eq(answer(:without)["schema"])
    end

    it "#{name} leaves what needs the csv gem until it is used" do
      expect(answer(name)).to include("csv" => false, "exporter" => "Tasker::Telemetry::Plugins::CsvExporter")
    end
  end

  it "loads the GraphQL types whatever is asked for first" do
    expect([answer(0), answer(1), answer(2)]).to all(eq(answer(:without)["schema"]))
  end

  # The engine's initializers have to run before the autoloader is set up.
  %i[on gem_first off].each do |name|
    it "#{name} leaves the initializers in their order" do
      ours = /\A(TaskerCore::Railtie|Tasker::Engine) tasker_core\./
      expect(answer(name)["order"].grep_v(ours)).to eq(answer(:without)["order"])
      expect(answer(name)["order"].grep(ours).size).to eq(2)
    end
  end
end
