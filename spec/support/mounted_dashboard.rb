# frozen_string_literal: true

# Mounts the dashboard in the dummy application, for groups of requests: `include MountedDashboard`.
module MountedDashboard
  PATH = "/dashboard"

  class << self
    def included(group)
      mount
      group.before { MountedDashboard.clear }
      group.before do
        TaskerCore.configuration.dashboard.then do |settings|
          @dashboard_settings = [settings.actions, settings.authenticate]
        end
      end
      group.after do
        settings = TaskerCore.configuration.dashboard
        settings.actions, settings.authenticate = @dashboard_settings
      end
    end

    # Tasks that other specs have left would stand in the pages. In the example's transaction.
    def clear
      Tasker::ApplicationRecord.connection.execute("TRUNCATE tasker_tasks CASCADE") if Tasker::Task.exists?
    end

    # Once in a process: the routes stay.
    def mount
      return if @mounted

      @mounted = true
      Rails.application.routes.append { mount TaskerCore::Dashboard => PATH }
      Rails.application.reload_routes!
    end
  end

  # @param path [String] within the dashboard
  # @return [Nokogiri::HTML5::Document]
  def visit_page(path = "", **)
    get("#{PATH}#{path}", **)
    Nokogiri::HTML5(response.body)
  end
end
