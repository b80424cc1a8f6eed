# frozen_string_literal: true

# Workflows in a Rails application with the gem off and on. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../spec/dummy/lib/shapes"
require_relative "application"
require_relative "results"

options = Bench::Options.read(ARGV)
shapes = options.pick([*(Shapes.all - [Shapes.failing]), Shapes.named("chain_200")], [Shapes.linear])
# The engine alone takes minutes for it.
once = %w[chain_200]
application = Bench::Application.new(Demo::Server.new(ENV.fetch("DATABASE_URL", "")))

application.with({ "tasker_core_bench_off" => "off", "tasker_core_bench_on" => "on" }) do |workers|
  counting = application.server.connect
  progress = Demo::Progress.new(shapes.sum { |shape| shape.size * 2 }, $stderr)
  measurement = Demo::Measurement.new(workers, Demo::StatementCounter.new(counting), progress)
  measurement.begin_with(Shapes.linear)
  samples = shapes.to_h do |shape|
    [shape, measurement.measure(shape, once.include?(shape.name) ? 1 : options.rounds_of(9))]
  end
  results = Bench::AppResults.new(samples)
  parts = ["Each pair is *off → on*: creating a task and running it to its end in a fresh application with production settings, names " \
           "and classes warm (#{Demo::Measurement::WARM} tasks before, which nobody counts).",
           results.overview, Bench::Markdown.plot("app.svg", "steps a second, off and on"),
           "The milliseconds with the range of all rounds:", results.ranges, application.describe(workers.last)]
  text = Bench::Markdown.section("Workflows", "rake bench:app", parts)
  puts text
  unless options.tiny
    Bench::Document.new.write("app", text, { "app.svg" => results.plot })
    Bench::Readme.write(results.overview)
  end
ensure
  counting&.close
end
