# frozen_string_literal: true

require "erb"
require "good_job"
require_relative "queue"

module Bench
  module Queues
    # GoodJob with {THREADS} threads in this process, woken by LISTEN and NOTIFY, as its generator sets it up.
    class Good < Queue
      MIGRATION = "lib/generators/good_job/templates/install/migrations/create_good_jobs.rb.erb"
      private_constant :MIGRATION

      def set_up
        migrate
        ActiveJob::Base.queue_adapter = GoodJob::Adapter.new(execution_mode: :external)
        @capsule = GoodJob::Capsule.new(configuration: GoodJob::Configuration.new({ threads: THREADS }))
        @capsule.start
      end

      def tear_down = @capsule.shutdown

      def batch(last, &) = GoodJob::Batch.enqueue(on_finish: last, &)

      private

      def migrate
        template = File.read(File.join(Gem.loaded_specs.fetch("good_job").full_gem_path, MIGRATION))
        migration_version = "[#{ActiveRecord::Migration.current_version}]"
        source = ERB.new(template, trim_mode: "-").result(binding)
        Object.class_eval(source)
        ActiveRecord::Migration.suppress_messages { CreateGoodJobs.new.migrate(:up) }
      end
    end
  end
end
