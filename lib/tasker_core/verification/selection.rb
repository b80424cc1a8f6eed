# frozen_string_literal: true

module TaskerCore
  class Verification
    # Which tasks are compared, as the environment of a command says.
    class Selection
      # What the environment says is not understood.
      class Error < TaskerCore::Error; end

      # @param env [Hash{String => String}] `TASKS` (ids, separated by commas), `SINCE` (ISO 8601, tasks that were created since), `LIMIT`
      #   (so many, the newest ones)
      def initialize(env)
        @env = env
      end

      # @return [Array<Integer>] newest first
      # @raise [Error]
      def task_ids
        limit = number("LIMIT")
        found = tasks.order(task_id: :desc).limit(limit).ids
        missing = wanted - found if wanted && limit.nil? && since.nil?
        raise Error, "TASKS: expected ids of tasks that there are, got #{missing.join(", ")}" if missing.present?

        found
      end

      # @return [Integer, nil] seconds
      # @raise [Error]
      def timeout
        number("TIMEOUT")
      end

      private

      def tasks
        tasks = Tasker::Task.all
        tasks = tasks.where(task_id: wanted) if wanted
        tasks = tasks.where(created_at: since..) if since
        tasks
      end

      def wanted
        list = @env["TASKS"].presence or return
        raise Error, "TASKS: expected ids separated by commas, got #{list.inspect}" unless list.match?(/\A\d{1,18}( *, *\d{1,18})*\z/)

        list.split(",").map(&:to_i).uniq
      end

      def since
        text = @env["SINCE"].presence or return
        Time.zone.iso8601(text)
      rescue ArgumentError
        raise Error, "SINCE: expected a date or an instant in ISO 8601, got #{text.inspect}"
      end

      def number(name)
        text = @env[name].presence or return
        raise Error, "#{name}: expected a whole number above zero, got #{text.inspect}" unless text.match?(/\A[1-9]\d{0,8}\z/)

        text.to_i
      end
    end
  end
end
