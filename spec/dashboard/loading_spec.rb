# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe "An application" do
  # Pages ask about all unfinished tasks. With the gem off the engine's function raises for steps that other specs have tried 44 times.
  before(:context) do
    EngineTables.clear
    WorkflowRows.prepare
  end

  serve = <<~RUBY
    Rails.application.routes.append { mount TaskerCore::Dashboard => "/deep/down" }
    answers = Array.new(2) do
      Rails.application.reload_routes!
      code, _headers, body = Rails.application.call(Rack::MockRequest.env_for("http://localhost/deep/down"))
      [code, body.each.to_a.join[/href="([^"]*\\/tasks)"/, 1]]
    end
    puts JSON.generate(answers)
  RUBY

  it "that does not mount the dashboard loads none of it" do
    answer = run_in_dummy(<<~RUBY).answer
      Rails.application.reload_routes!
      loaded = $LOADED_FEATURES.grep(%r{lib/tasker_core/dashboard(/|\\.rb)})
      puts JSON.generate({ loaded:, autoload: TaskerCore.autoload?(:Dashboard) })
    RUBY
    expect(answer).to eq("loaded" => [], "autoload" => "tasker_core/dashboard")
  end

  it "that mounts it serves it from any path, again after its routes were reloaded, and with the gem off" do
    answers = %w[on off].map { |mode| run_in_dummy(serve, env: { "TASKER_CORE" => mode }).answer }
    expect(answers).to eq([[[200, "/deep/down/tasks"]] * 2] * 2)
  end

  it "that mounts it serves every page without the extension, too" do
    statuses = <<~RUBY
      Rails.application.routes.append { mount TaskerCore::Dashboard => "/pages" }
      Rails.application.reload_routes!
      paths = %w[/ /tasks /steps /performance /workers /native /native?doctor=1 /tasks/0]
      answers = paths.to_h { |path| [path, Rails.application.call(Rack::MockRequest.env_for("http://localhost/pages" + path)).first] }
      puts JSON.generate([TaskerCore::Extension.loaded?, answers.reject { |_, status| status == 200 }])
    RUBY
    with_copy_of_the_gem do |copy|
      FileUtils.rm_f(Dir[File.join(copy, "lib/tasker_core/*.{so,bundle}")])
      with_gemfile('gem "tasker-engine", require: "tasker"', %(gem "tasker-core", path: "#{copy}")) do |gemfile|
        expect(run_in_dummy(statuses, gemfile:).answer).to eq([false, { "/tasks/0" => 404 }])
      end
    end
  end

  it "may require it before it is initialized" do
    script = <<~RUBY
      require "./spec/dummy/config/application"
      require "tasker_core/dashboard"
      Rails.application.initialize!
      #{serve}
    RUBY
    result = run_child(RbConfig.ruby, "-e", script, gemfile: ENV.fetch("BUNDLE_GEMFILE"))
    expect(result.answer).to eq([[200, "/deep/down/tasks"]] * 2)
  end
end
