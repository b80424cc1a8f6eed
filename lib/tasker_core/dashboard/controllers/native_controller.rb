# frozen_string_literal: true

require_relative "application_controller"

module TaskerCore
  class Dashboard
    # Which workflows the core runs, and what `rails tasker_core:doctor` finds.
    class NativeController < ApplicationController
      def show
        @coverage = Coverage.new
        @examine = params.key?(:doctor)
        require "tasker_core/doctor" if @examine
      end
    end
  end
end
