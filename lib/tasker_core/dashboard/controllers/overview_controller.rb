# frozen_string_literal: true

require_relative "application_controller"

module TaskerCore
  class Dashboard
    # The first page: how many tasks there are, how fast they go, and what needs attention.
    class OverviewController < ApplicationController
      FAILED = 8

      def show
        @overview = Overview.new
        @throughput = Throughput.new
        @work = OpenWork.new
        @failed = TaskList.new(TaskFilter.new(state: "error", namespace: nil, name: nil, from: nil, to: nil), limit: FAILED)
      end
    end
  end
end
