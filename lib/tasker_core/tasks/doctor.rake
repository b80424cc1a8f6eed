# frozen_string_literal: true

namespace :tasker_core do
  desc "Look over what the gem needs and how this application will fare with it; exit status 1 if something must be mended"
  task doctor: :environment do
    require "tasker_core/doctor"
    exit TaskerCore::Doctor::Report.new(TaskerCore::Doctor.examine).print($stdout)
  end
end
