# frozen_string_literal: true

require_relative "application_controller"

module TaskerCore
  class Dashboard
    # The list of tasks, one task, and its pictures.
    class TasksController < ApplicationController
      def index
        return redirect_to(task_path(id_of(params[:task_id]))) if id_of(params[:task_id]).positive?

        @cursor = Cursor.parse(params[:after])
        @list = TaskList.new(TaskFilter.read(params), cursor: @cursor)
      end

      def show
        @task = TaskDetails.new(id_of(params[:id]), after: id_of(params[:after]))
      end

      # The pictures of a task that is too large for its page.
      def graph
        @task = TaskDetails.new(id_of(params[:id]))
        return failure(:not_found, "No picture", "The extension is not loaded.") unless Extension.loaded?

        @graph = Graph.of(@task.id)
      end
    end
  end
end
