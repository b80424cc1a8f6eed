# frozen_string_literal: true

module TaskerCore
  module Stock
    # What saving a record would save beside it.
    module PendingRecords
      class << self
        # @param record [ActiveRecord::Base]
        # @return [Boolean] whether nothing was built in one of its associations, nor changed in one that saves what is changed
        def none?(record)
          record.class.reflect_on_all_associations.none? do |reflection|
            record.association_cached?(reflection.name) && of(record, reflection).any? { |other| pending?(other, reflection) }
          end
        end

        private

        def of(record, reflection)
          Array.wrap(record.association(reflection.name).target)
        end

        def pending?(record, reflection)
          record.new_record? || (reflection.options[:autosave] && record.changed_for_autosave?)
        end
      end
    end
  end
end
