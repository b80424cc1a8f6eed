# frozen_string_literal: true

require "rack/mock"

module Demo
  # Requests of the dashboard, which the application mounts for it.
  class Visits
    PATH = "/dashboard"

    def initialize
      TaskerCore.configuration.dashboard.authenticate = ->(_controller) { true }
      Rails.application.routes.append { mount TaskerCore::Dashboard => PATH }
      Rails.application.reload_routes!
      step = Tasker::WorkflowStep.order(:workflow_step_id).last
      @ids = { task: step.task_id, step: step.workflow_step_id }
    end

    # @param path [String] within the dashboard; %<task>d and %<step>d stand for the newest ones
    # @raise [RuntimeError] unless the page is shown
    def visit(path)
      target = "http://localhost#{PATH}#{format(path.gsub("%", "%%").gsub("%%<", "%<"), **@ids)}"
      status, _headers, body = Rails.application.call(Rack::MockRequest.env_for(target))
      text = +""
      body.each { |part| text << part }
      raise "#{path}: expected a page, got status #{status}" unless status == 200
    ensure
      body.close if body.respond_to?(:close)
    end
  end
end
