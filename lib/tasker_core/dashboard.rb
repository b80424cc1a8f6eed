# frozen_string_literal: true

require "rails/engine"
require "action_controller/railtie"
require_relative "dashboard/bad_requests"
require_relative "dashboard/session_fallback"

module TaskerCore
  # Pages about the tasks of an application: `mount TaskerCore::Dashboard => "/tasker"`.
  #
  # Its code is loaded by the first mention of this class, so an application that does not mount it loads none of it. It needs no asset
  # pipeline, no JavaScript bundler and no session of the application. docs/dashboard.md describes the pages and the settings.
  class Dashboard < Rails::Engine
    isolate_namespace TaskerCore::Dashboard
    engine_name "tasker_core_dashboard"

    middleware.use SessionFallback
    middleware.use BadRequests

    class << self
      # What `isolate_namespace` defines on a module, but not on the engine itself: controllers have the routes of the dashboard only.
      # @api private
      def railtie_routes_url_helpers(...) = routes.url_helpers(...)

      # None of the application's helpers.
      # @api private
      def railtie_helpers_paths = []
    end

    # Appended, so that reloading of the application's routes draws them again.
    routes.append do
      root to: "overview#show"
      get "tasks", to: "tasks#index", as: :tasks
      get "tasks/:id", to: "tasks#show", as: :task
      get "tasks/:id/graph", to: "tasks#graph", as: :task_graph
      post "tasks/:id/:command", to: "actions#task", as: :task_action, constraints: { command: /run_again|cancel/ }
      get "tasks/:task_id/steps/:id", to: "steps#show", as: :step
      get "tasks/:task_id/steps/:id/:column", to: "steps#download", as: :step_download, constraints: { column: /inputs|results/ }
      post "tasks/:task_id/steps/:id/:command", to: "actions#step", as: :step_action, constraints: { command: /retry|resolve|cancel/ }
      get "steps", to: "steps#index", as: :steps
      get "performance", to: "performance#show", as: :performance
      get "workers", to: "workers#show", as: :workers
      get "native", to: "native#show", as: :native
      get "assets/:name", to: "assets#show", as: :static, constraints: { name: /dashboard-\h{16}\.(css|js|svg)/ }, format: false
    end
    routes.finalize!
  end
end

Dir[File.join(__dir__, "dashboard/{queries,controllers}/*.rb")].each { |file| require file }
