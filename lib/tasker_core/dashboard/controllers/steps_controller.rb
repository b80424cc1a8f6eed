# frozen_string_literal: true

require_relative "application_controller"

module TaskerCore
  class Dashboard
    # What steps wait for, and one step.
    class StepsController < ApplicationController
      def index
        @tab = [*OpenWork::TABS.keys, OpenWork::STUCK].find { |tab| tab == params[:tab] } || "ready"
        @before = id_of(params[:before]).nonzero?
        @work = OpenWork.new(before: @before)
      end

      def show
        @details = StepDetails.new(id_of(params[:task_id]), id_of(params[:id]))
        @task_state = Tasker::Task.find(@details.step.task_id).status
      end

      # The whole of a column of which the page shows the beginning.
      def download
        column = params[:column]
        step = Tasker::WorkflowStep.where(task_id: id_of(params[:task_id])).find(id_of(params[:id]))
        send_data JSON.generate(step[column]), type: "application/json", filename: "step-#{step.id}-#{column}.json"
      end
    end
  end
end
