# frozen_string_literal: true

require_relative "../actions"
require_relative "application_controller"

module TaskerCore
  class Dashboard
    # Changes, where `config.dashboard.actions` allows them.
    class ActionsController < ApplicationController
      before_action :require_actions

      rescue_from Actions::Refused do |error|
        failure(:conflict, "Nothing was changed", error.message)
      end

      def task
        task = Tasker::Task.find(id_of(params[:id]))
        actions.task(task, params[:command])
        done(task_path(task), "Task #{task.id}")
      end

      def step
        step = Tasker::WorkflowStep.where(task_id: id_of(params[:task_id])).find(id_of(params[:id]))
        actions.step(step, params[:command])
        done(task_path(step.task_id), "Step #{step.id}")
      end

      private

      def require_actions
        return if TaskerCore.configuration.dashboard.actions

        failure(:forbidden, "Actions are off", "The application has not set config.dashboard.actions = true.")
      end

      def actions = Actions.new(by: visitor_name, from: request.remote_ip)

      def done(path, subject)
        session[:tasker_core_notice] = "#{subject}: #{ViewHelper::COMMANDS.fetch(params[:command]).last}"
        redirect_to path, status: :see_other
      end
    end
  end
end
