# frozen_string_literal: true

require_relative "application_controller"

module TaskerCore
  class Dashboard
    # Throughput, and the slowest steps.
    class PerformanceController < ApplicationController
      def show
        @throughput = Throughput.new(params[:window])
      end
    end
  end
end
